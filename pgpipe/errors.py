"""What goes wrong by what somebody else wrote."""


class UserError(Exception):
    """Its text is one line, and says all that is needed to mend it: no traceback of this package helps."""
