"""Run the tests, all or those named, and say at the end how many there were. With `CI` set nothing may be skipped."""

import os
import sys
import unittest


def main() -> int:
    named = sys.argv[1:]
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(named) if named else loader.discover(".")
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    for test, reason in result.skipped:
        print(f"skipped: {test}: {reason}")
    failed = len(result.failures) + len(result.errors)
    passed = result.testsRun - failed - len(result.skipped)
    print(f"{passed} passed, {failed} failed, {len(result.skipped)} skipped", flush=True)
    is_short = result.skipped and os.environ.get("CI")
    return 1 if failed or is_short or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
