"""Serves moto on 127.0.0.1 until standard input closes: it ends with whoever started it. Says its port in one line."""

import logging
import os
import sys
import threading

# as AWS has it: its own policies are there, and a certificate is issued as soon as its records are asked for
if sys.argv[2] == "whole":
    os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    os.environ.setdefault("MOTO_ACM_VALIDATION_WAIT", "0")

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

logging.getLogger("werkzeug").setLevel(logging.ERROR)
application = DomainDispatcherApplication(create_backend_app)
server = make_server("127.0.0.1", int(sys.argv[1]), application, threaded=True, request_handler=MotoRequestHandler)
os.environ["MOTO_PORT"] = str(server.server_port)


def end_with_the_parent():
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_the_parent, daemon=True).start()
print(server.server_port, flush=True)
server.serve_forever()
