"""Django's rules for passwords, in this site's words."""

from django.contrib.auth import password_validation as rules


class NotYourAddress(rules.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return "This password is too much like your e-mail address. Choose another one."

    def get_help_text(self) -> str:
        return "Not your e-mail address or a part of it."


class LongEnough(rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return f"This password is too short. Use {self.min_length} characters or more."

    def get_help_text(self) -> str:
        return f"{self.min_length} characters or more."


class NotCommon(rules.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return (
            "Many people use this password, so it is among the first to be tried. Choose another."
        )

    def get_help_text(self) -> str:
        return "Not one that many people use."


class NotOnlyDigits(rules.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return "This password has only digits. Add letters."

    def get_help_text(self) -> str:
        return "Not only digits."
