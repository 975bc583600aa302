"""Refusals, and how they are written."""


class Refusal(Exception):
    """A request that is refused, in the envelope of the management API."""

    def __init__(self, status, code, description, message):
        super().__init__(message)
        self.status, self.code, self.description, self.message = status, code, description, message

    @staticmethod
    def invalid(choices, message):
        return Refusal(*choices.invalid, "Invalid arguments", message)

    @staticmethod
    def missing(choices, member):
        return Refusal(400, "E011002", "Missing arguments", f"{member} must be given")

    @staticmethod
    def not_found(choices, what):
        return Refusal(*choices.not_found, "Not found", f"there is no such {what}")

    def body(self, problem_json):
        envelope = {
            "errorCode": self.code,
            "errorDescription": self.description,
            "errorMessage": self.message,
        }
        if not problem_json:
            return envelope
        problem = {"type": "about:blank", "title": self.description, "status": self.status, "detail": self.message}
        return {**problem, **envelope}


class OAuthRefusal(Exception):
    """A request to the authorization server that is refused with an error code of OAuth."""

    # Codes of Descope's envelope, for servers that write it at the token endpoint too.
    ENVELOPE_CODES = {"invalid_client": "E063316", "invalid_grant": "E064006"}

    def __init__(self, error, description, status=400, challenge=None):
        super().__init__(description)
        self.error, self.description, self.status, self.challenge = error, description, status, challenge

    def body(self, form):
        if form == "oauth":
            return {"error": self.error, "error_description": self.description}
        code = self.ENVELOPE_CODES.get(self.error, "E011001")
        return {"errorCode": code, "errorDescription": self.error, "errorMessage": self.description}


class Page(Exception):
    """A browser is shown a page instead of being redirected."""

    def __init__(self, text, status=400):
        super().__init__(text)
        self.text, self.status = text, status
