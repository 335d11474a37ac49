from django import template

from accounts.devices import choose_icon, name_device

register = template.Library()
register.filter("device_name", name_device)
register.filter("device_icon", choose_icon)
