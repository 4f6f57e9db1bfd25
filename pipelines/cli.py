"""`congdoan`: the commands of the contract, put together; what they do is in `cli_write` and `cli_ask`."""

import sys

from cyclopts import App, CycloptsError
from pydantic import ValidationError

from pipelines import cli_ask, cli_write, stopping
from pipelines.config import UserError
from pipelines.terminal import say

app = App(
    name="congdoan",
    help="From the Excel returns of a trade-union federation's units to one checked warehouse.",
    version_flags=[],
    suppress_keyboard_interrupt=False,
)
for command in (
    cli_write.init,
    cli_write.demo,
    cli_write.refresh,
    cli_write.check,
    cli_write.template,
    cli_write.match,
    cli_write.alerts,
    cli_ask.status,
    cli_ask.metrics,
    cli_ask.trace,
    cli_ask.units,
    cli_ask.query,
):
    app.command(command)
findings_app = App(name="findings", help=cli_ask.findings.__doc__)
findings_app.default(cli_ask.findings)
findings_app.command(cli_write.accept)
findings_app.command(cli_write.withdraw)
reference_app = App(name="reference", help="The files a federation keeps itself in reference/.")
reference_app.command(cli_write.reference_check, name="check")
app.command(findings_app)
app.command(reference_app)


def main(argv: list[str] | None = None) -> None:
    """Runs one command; exit 2 with one clear sentence when it could not be done, 130 on Ctrl-C."""
    try:
        code = app(argv, exit_on_error=False, print_error=False, result_action="return_value")
        if stopping.heard():  # something on the way swallowed it
            stopping.stop()
    except BaseException as e:
        if stopping.heard() or isinstance(e, KeyboardInterrupt):
            stopping.stop()
        sentence = _sentence(e)
        if sentence is None:
            raise
        say(sentence)
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


def _sentence(e: BaseException) -> str | None:
    """What a person can mend about it, in one sentence; None for what only we can."""
    if isinstance(e, ValidationError):
        first = e.errors()[0]
        return f"Setting CONGDOAN_{'_'.join(map(str, first['loc'])).upper()}: {first['msg']}."
    if e.args and isinstance(e.args[0], OSError):
        e = e.args[0]  # xlsxwriter wraps what stood in its way
    if isinstance(e, OSError):
        return f"{e.strerror or e}{f': {e.filename}' if e.filename else ''}."
    return str(e) if isinstance(e, (UserError, CycloptsError)) else None


if __name__ == "__main__":
    main()
