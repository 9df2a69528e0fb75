/**
 * The program that a Python function runs in: a Runtime API client that loads the handler and gives
 * it events, as Lambda's Python runtime does. It is handed to `python3 -c` as text, so that it is found
 * wherever the gateway is installed or bundled, and needs the standard library only (3.8 or later).
 */
export const pythonRuntime = String.raw`
import decimal, http.client, importlib, json, logging, os, sys, time, traceback

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
THIS_FILE = "<string>"
connection = http.client.HTTPConnection(API)
request_id = None


class Fault(Exception):
    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind = kind
        self.trace = trace or []


class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class LambdaContext:
    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.client_context = None
        self.identity = Identity()
        self._epoch_deadline_time_in_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)


class Encoder(json.JSONEncoder):
    def default(self, value):
        if isinstance(value, decimal.Decimal):
            return float(value)
        return super().default(value)


class RequestIdFilter(logging.Filter):
    def filter(self, record):
        record.aws_request_id = request_id or ""
        return True


def ask(method, name, body=None):
    try:
        headers = {} if body is None else {"Content-Type": "application/json"}
        connection.request(method, "/2018-06-01/runtime/" + name, body, headers)
        response = connection.getresponse()
        return response.headers, response.read()
    except (OSError, http.client.HTTPException):
        # The gateway has gone, and with it whoever could be told.
        os._exit(1)


def set_up_logging():
    logging.Formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stdout)
    form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    handler.setFormatter(logging.Formatter(form, "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(RequestIdFilter())
    logging.getLogger().addHandler(handler)


def load_handler(text):
    module_name, dot, name = text.rpartition(".")
    if not dot:
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '%s'" % text)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = "Unable to import module '%s': %s" % (module_name, error)
        raise Fault("Runtime.ImportModuleError", message)
    except SyntaxError as error:
        message = "Syntax error in module '%s': %s" % (module_name, error)
        place = '  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)
        raise Fault("Runtime.UserCodeSyntaxError", message, [place])
    if not hasattr(module, name):
        message = "Handler '%s' missing on module '%s'" % (name, module_name)
        raise Fault("Runtime.HandlerNotFound", message)
    return getattr(module, name)


def describe(error):
    if isinstance(error, Fault):
        kind, trace = error.kind, error.trace
    else:
        kind = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)
        while frames and (frames[0].filename == THIS_FILE or "importlib" in frames[0].filename):
            del frames[0]
        trace = traceback.format_list(frames)
    lines = ["[ERROR] %s: %s" % (kind, error)]
    if trace:
        lines.append("Traceback (most recent call last):")
    print("\n".join(lines + [entry.rstrip("\n") for entry in trace]), flush=True)
    return json.dumps(
        {
            "errorMessage": str(error),
            "errorType": kind,
            "requestId": request_id or "",
            "stackTrace": trace,
        }
    )


def answer(handler, headers, body):
    try:
        result = handler(json.loads(body), LambdaContext(headers))
        try:
            return "response", json.dumps(result, cls=Encoder)
        except (TypeError, ValueError) as error:
            raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)
    except Exception as error:
        return "error", describe(error)


def begin(headers):
    global request_id
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    os.environ["_X_AMZN_TRACE_ID"] = headers["Lambda-Runtime-Trace-Id"]
    for stream in (sys.stdout, sys.stderr):
        print("\x1e" + request_id, file=stream, flush=True)


def main():
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    set_up_logging()
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        ask("POST", "init/error", describe(error))
        sys.exit(1)
    while True:
        headers, body = ask("GET", "invocation/next")
        begin(headers)
        kind, text = answer(handler, headers, body)
        ask("POST", "invocation/%s/%s" % (request_id, kind), text.encode())


main()
`;
