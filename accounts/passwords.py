"""Django's rules for passwords, in this site's words."""

from django.contrib.auth import password_validation as rules
from django.utils.translation import gettext


class NotYourAddress(rules.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return gettext("This password is too much like your e-mail address. Choose another one.")

    def get_help_text(self) -> str:
        return gettext("Not your e-mail address or a part of it.")


class LongEnough(rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        words = gettext("This password is too short. Use %(number)s characters or more.")
        return words % {"number": self.min_length}

    def get_help_text(self) -> str:
        return gettext("%(number)s characters or more.") % {"number": self.min_length}


class NotCommon(rules.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return gettext(
            "Many people use this password, so it is among the first to be tried. Choose another."
        )

    def get_help_text(self) -> str:
        return gettext("Not one that many people use.")


class NotOnlyDigits(rules.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return gettext("This password has only digits. Add letters.")

    def get_help_text(self) -> str:
        return gettext("Not only digits.")
