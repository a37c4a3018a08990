"""Runs one version of a Lambda function: `python runner.py FOLDER HANDLER NAME VERSION`; a JSON event a line, a JSON answer a line.

It ends when its standard input does.
"""

import importlib
import json
import os
import sys
import traceback
from types import SimpleNamespace


def main() -> None:
    folder, handler, name, version = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the function prints is no answer
    sys.path.insert(0, folder)
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}:{version}"
    context = SimpleNamespace(function_name=name, function_version=version, invoked_function_arn=arn, aws_request_id="edge")
    for line in sys.stdin:
        try:
            module, _, function = handler.rpartition(".")
            answer = {"answer": getattr(importlib.import_module(module), function)(json.loads(line), context)}
            told = json.dumps(answer)
        except BaseException:
            told = json.dumps({"failed": traceback.format_exc(limit=-3)})
        answers.write(told + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
