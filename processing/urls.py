from django.urls import path

from processing.views import image, images, pages

urlpatterns = [
    path("", pages.studio, name="studio"),
    path("gallery/", pages.gallery, name="gallery"),
    path("images/", images.images, name="images"),
    path("images/erase/", images.erase_many, name="images-erase"),
    path("images/<uuid:image_id>/", image.image, name="image"),
    path("images/<uuid:image_id>/erase/", image.erase_one, name="image-erase"),
    path("images/<uuid:image_id>/<str:file>", image.content, name="image-content"),
]
