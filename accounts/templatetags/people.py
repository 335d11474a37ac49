from allauth.account.models import EmailAddress
from django import template

from accounts.models import User

register = template.Library()


@register.filter
def has_unconfirmed_address(user: User) -> bool:
    """What allauth asks for before it sets up a second factor."""
    return bool(EmailAddress.objects.filter(user=user, verified=False).exists())
