"""The helper that the engine tests stand on, tried on commands of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.engine.cli import Cli, RunningCli
from tests.engine.processes import processes_with_arguments, running_processes, wait_until
from tests.engine.reports import folder_size_bytes, junit_failures, junit_names, read_sarif
from tests.fixtures.builders import (
    build_many_files,
    build_unicode_repository,
    marked_line,
    repository,
)

WRITES_REPORTS = """
import json, pathlib, sys
reports = pathlib.Path(sys.argv[sys.argv.index("--reports") + 1])
reports.mkdir()
(reports / "summary.json").write_text(json.dumps({"verdict": "passed", "argv": sys.argv[1:]}))
print("result")
print("progress: größer", file=sys.stderr)
print('{"event": "run.finished"}', file=sys.stderr)
sys.exit(1)
"""


def python(script: str, workspace: Path) -> Cli:
    """Return the helper around a Python script in place of the real command."""
    return Cli(program=(sys.executable, "-c", script), workspace=workspace)


def test_run_returns_everything_the_command_left(tmp_path: Path) -> None:
    """Exit code, both streams, the summary and the peak memory of a run are returned."""
    run = python(WRITES_REPORTS, tmp_path).run("test", "--fresh", source=Path("/source"))
    assert (run.exit_code, run.stdout) == (1, "result\n")
    assert run.last_sentence == "progress: größer"
    assert run.summary["verdict"] == "passed"
    argv = json.loads((run.reports / "summary.json").read_text())["argv"]
    assert argv == [
        *("test", "--source", "/source", "--reports", str(run.reports), "--json", "--fresh")
    ]
    assert 1024 * 1024 < run.peak_rss_bytes < 1024**3
    assert run.expect(0, 1) is run
    with pytest.raises(AssertionError, match=r"progress: größer"):
        run.expect(0)


def test_missing_summary_shows_what_the_command_said(tmp_path: Path) -> None:
    """A run without reports fails with the command's own output."""
    run = python("print('no room left')", tmp_path).call()
    with pytest.raises(AssertionError, match="no room left"):
        _ = run.summary


def test_traceback_is_never_expected(tmp_path: Path) -> None:
    """A traceback fails a test also when the exit code is the expected one."""
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        python("1 / 0", tmp_path).call().expect(1)


def test_late_command_is_killed(tmp_path: Path) -> None:
    """A command that takes too long is killed, and the error shows what it printed."""
    cli = python("import time; print('waiting', flush=True); time.sleep(600)", tmp_path)
    with pytest.raises(TimeoutError, match="waiting"):
        cli.call(timeout_s=1)


@pytest.mark.parametrize("whole_group", [True, False], ids=["group", "process"])
def test_interrupted_command_is_followed_to_its_end(tmp_path: Path, *, whole_group: bool) -> None:
    """A started command is found among all processes, interrupted, and gone."""
    script = (
        "import pathlib, signal, sys\n"
        "signal.signal(signal.SIGINT, lambda *_: sys.exit(130))\n"
        "pathlib.Path(sys.argv[1]).touch()\n"
        "signal.pause()\n"
    )
    ready = tmp_path / "ready"
    running = RunningCli(argv=(sys.executable, "-c", script, str(ready)), folder=tmp_path)
    wait_until(ready.exists, timeout_s=30, what="the command has its handler")
    assert not running.has_ended()
    assert [each.pid for each in processes_with_arguments(str(ready))] == [running.pid]
    assert running.pid in {each.pid for each in running_processes() if each.token == running.token}
    running.interrupt(whole_group=whole_group)
    assert running.finish(timeout_s=30).exit_code == 130
    assert running.has_ended()
    running.kill()
    assert processes_with_arguments(str(ready)) == []


def test_condition_that_never_holds_ends_at_its_deadline() -> None:
    """Waiting for something that does not come ends with an error that names it."""
    with pytest.raises(TimeoutError, match="pigs fly"):
        wait_until(lambda: False, timeout_s=0.2, what="pigs fly")


def test_reports_are_read_from_their_files(tmp_path: Path) -> None:
    """SARIF results and JUnit cases are read with their places and names."""
    place = {"artifactLocation": {"uri": "src/gr%C3%B6%C3%9Fe.cpp"}, "region": {"startLine": 7}}
    result = {"ruleId": "memory-leak", "level": "error"}
    results = [{**result, "locations": [{"physicalLocation": place}]}, result]
    log = {"version": "2.1.0", "runs": [{"results": results}]}
    (tmp_path / "findings.sarif").write_text(json.dumps(log))
    (found,) = read_sarif(tmp_path)
    assert (found.rule, found.file, found.line) == ("memory-leak", "src/größe.cpp", 7)
    junit = tmp_path / "junit.xml"
    junit.write_text(
        '<testsuite><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>'
    )
    assert (junit_names(junit), junit_failures(junit)) == (["a", "b"], ["b"])
    assert folder_size_bytes(tmp_path) == sum(each.stat().st_size for each in tmp_path.iterdir())


def test_marked_lines_are_found() -> None:
    """The line of a fixture's mistake is read from its marker, and must be the only one."""
    marked = marked_line(repository("compile_error"))
    assert (marked.file, marked.kind) == ("src/broken.cpp", "compile-error")
    text = (repository("compile_error") / marked.file).read_text().splitlines()
    assert "no_such_member" in text[marked.line - 1]
    with pytest.raises(ValueError, match="found 0"):
        marked_line(repository("plain"))
    with pytest.raises(FileNotFoundError, match="no such fixture"):
        repository("no such fixture")


def test_built_repositories_have_what_they_promise(tmp_path: Path) -> None:
    """The generated repositories have the promised number and names of files."""
    many = build_many_files(tmp_path, count=30)
    assert sum(path.is_file() for path in many.rglob("*")) == 30
    unicode = build_unicode_repository(tmp_path)
    names = [path.relative_to(tmp_path).as_posix() for path in unicode.rglob("*.cpp")]
    assert names == ["Größe und Maß/проект один/zähler größe.cpp"]
