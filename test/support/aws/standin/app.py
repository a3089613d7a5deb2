"""The web application: each layer does one thing and hands the request to the next, moto being the last."""

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from . import awslambda, codebuild, ec2, events, s3, sqs, ssm, stepfunctions
from .calls import RecordedCalls
from .local_api import LocalApi


class _QuietHandler(WSGIRequestHandler):
    """No line per request: a test run makes thousands."""

    def log_request(self, *_: object) -> None:
        pass


def listen(host: str, port: int) -> BaseWSGIServer:
    for service in (s3, awslambda, events, stepfunctions, codebuild, ssm, sqs, ec2):
        service.install()
    application = DomainDispatcherApplication(create_backend_app)
    application = s3.CheckedUploads(application)
    application = RecordedCalls(application)
    application = LocalApi(application)
    return make_server(host, port, application, threaded=True, request_handler=_QuietHandler)
