"""Where `congdoan` starts: Ctrl-C is heard before the first heavy import."""

from pipelines import stopping


def main() -> None:
    """Runs the command line."""
    try:
        stopping.listen()
        from pipelines import cli
    except BaseException as e:
        if stopping.heard() or isinstance(e, KeyboardInterrupt):
            stopping.stop()
        raise
    try:
        cli.main()
    finally:
        stopping.deafen()


if __name__ == "__main__":
    main()
