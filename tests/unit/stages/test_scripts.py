"""The scripts that run inside containers, run here on folders and with fakes of the big tools."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.fakes import write_program
from tests.unit.stages.variant_machine import STAGES, VariantMachine

if TYPE_CHECKING:
    from pathlib import Path

# rsync's own spelling of changes. Source: rsync(1), --itemize-changes.
CHANGED = ">fc........"
NEW_FILE = ">f+++++++++"
NEW_FOLDER = "cd+++++++++"
NEW_LINK = "cL+++++++++"
DELETED = "*deleting  "
MODE_ONLY = ".f...p....."


@pytest.fixture
def machine(tmp_path: Path) -> VariantMachine:
    """Return the place to run in."""
    return VariantMachine(root=tmp_path)


def perl(script: str, *arguments: str, stdin: bytes) -> bytes:
    """Run one of our filters."""
    argv = ["perl", str(STAGES / script), *arguments]
    return subprocess.run(argv, input=stdin, capture_output=True, check=True, timeout=60).stdout


class TestRedact:
    """redact.pl keeps the secrets of a netrc file out of a stream."""

    SECRET = """p"a<s>s&w'ord"""  # noqa: S105 - made up

    @pytest.fixture
    def netrc(self, tmp_path: Path) -> str:
        """Return a netrc file with two machines."""
        file = tmp_path / "netrc"
        file.write_text(
            f"machine a.invalid login me password {self.SECRET}\n"
            "machine b.invalid\n  login robot\n  account acc-123\n  password tok-456\n"
        )
        return str(file)

    @pytest.mark.parametrize(
        "form",
        [
            SECRET,
            escape(SECRET),
            quoteattr(SECRET)[1:-1],
            escape(SECRET, {'"': "&quot;", "'": "&apos;"}),
            "tok-456",
            "acc-123",
            "machine a.invalid login me password",
        ],
    )
    def test_every_form_of_a_secret_is_hidden(self, netrc: str, form: str) -> None:
        """Passwords and accounts go, as they are and as XML writes them."""
        text = perl("redact.pl", netrc, stdin=f"before {form} after\n".encode()).decode()
        words = form.removeprefix("machine a.invalid login me password")
        assert text.startswith("before ")
        assert text.endswith(" after\n")
        if words:
            assert text == "before *** after\n"

    def test_a_whole_line_of_the_file_is_a_secret(self, netrc: str) -> None:
        """Whoever prints the file prints stars."""
        with open(netrc, "rb") as file:  # noqa: PTH123 - shorter here
            text = perl("redact.pl", netrc, stdin=file.read()).decode()
        for word in (self.SECRET, "tok-456", "acc-123", "robot"):
            assert word not in text

    def test_what_is_no_secret_stays(self, netrc: str) -> None:
        """Words of the format, and everything else, come through untouched."""
        text = b"machine login password default\n\xff\xfe binary\nno line end"
        assert perl("redact.pl", netrc, stdin=text) == text

    def test_a_secret_in_a_huge_line_is_found(self, netrc: str) -> None:
        """A line without an end is searched as a whole, in time that grows with its length."""
        text = b"x" * 2_000_000 + b"tok-456" + b"y" * 2_000_000
        began = time.monotonic()
        redacted = perl("redact.pl", netrc, stdin=text)
        assert redacted == text.replace(b"tok-456", b"***")
        assert time.monotonic() - began < 10

    def test_an_empty_file_hides_nothing(self, tmp_path: Path) -> None:
        """Without secrets the text is the same."""
        (tmp_path / "netrc").touch()
        assert perl("redact.pl", str(tmp_path / "netrc"), stdin=b"a\nb") == b"a\nb"


class TestLimit:
    """limit.pl bounds what goes through the engine's progress stream."""

    NOTE = "[… the rest is in the log file …]\n".encode()

    def test_a_short_text_comes_through(self) -> None:
        """Below the limit nothing changes, not even a missing line end."""
        text = b"a\n\nb\xff\nlast"
        assert perl("limit.pl", "1000", stdin=text) == text

    def test_a_long_text_is_cut_with_a_note(self) -> None:
        """The limit holds to the byte, and the note stands once."""
        text = perl("limit.pl", "1000", stdin=b"line of text\n" * 1000)
        assert text.count(self.NOTE) == 1
        assert len(text) == 1000 + len(b"\n") + len(self.NOTE)

    def test_lines_that_count_always_pass(self) -> None:
        """Ninja's and ctest's counters keep coming, shortened, however much was printed before."""
        counters = b"[7/9] Building CXX object\n 3/20 Test  #3: foo ... Passed\n"
        text = perl("limit.pl", "10", stdin=b"x" * 100 + b"\n" + counters)
        assert text.endswith(counters)
        long = perl("limit.pl", "10", stdin=b"[1/2] " + b"y" * 1000 + b"\n")
        assert long == b"[1/2] " + b"y" * 294 + b"\n"

    def test_a_line_without_end_is_cut(self) -> None:
        """Megabytes in one line pass in bounded time and come out bounded."""
        argv = ["perl", str(STAGES / "limit.pl"), "200000"]
        source = ["head", "-c", "3000000", "/dev/zero"]
        began = time.monotonic()
        with subprocess.Popen(source, stdout=subprocess.PIPE) as zeros:
            done = subprocess.run(
                argv, stdin=zeros.stdout, capture_output=True, check=True, timeout=60
            )
        assert len(done.stdout) < 200_100
        assert time.monotonic() - began < 10

    @settings(max_examples=25)  # each example starts a program
    @given(lines=st.lists(st.binary(max_size=50), max_size=20), limit=st.integers(0, 200))
    def test_no_text_gets_over_the_limit(self, lines: list[bytes], limit: int) -> None:
        """Whatever is printed, at most the limit, the note and the counting lines come out."""
        text = b"\n".join(lines)
        counting = sum(301 for line in lines if b"/" in line)
        out = perl("limit.pl", str(limit), stdin=text)
        assert len(out) <= limit + 1 + len(self.NOTE) + counting


class TestSync:
    """run_variant.sh decides by what changed whether a build folder can be gone on with."""

    def prepared(self, machine: VariantMachine, *arguments: str) -> VariantMachine:
        """Configure once, and leave a mark that only a clean build takes away."""
        machine.set_step("configure", "exit 1")  # what comes after it has no part in this
        machine.set_changes(f"{NEW_FILE} main.cpp\n")
        machine.run(*arguments)
        (machine.build / "mark").touch()
        machine.set_changes("")
        return machine

    def test_the_same_contents_go_on(self, machine: VariantMachine) -> None:
        """Without a change the build folder stays, whatever the times of the files are."""
        self.prepared(machine)
        machine.run()
        assert (machine.build / "mark").exists()
        assert machine.report("sync.log") == "0 changed entries\n"

    @pytest.mark.parametrize(
        "change",
        [
            f"{CHANGED} main.cpp",
            f"{MODE_ONLY} run.sh",
            ".d..t...... src/",
            f"{CHANGED} docs/cmake notes.txt",
            f"{CHANGED} not.cmake.bak",
            f"{CHANGED} MyCMakeLists.txt",
        ],
    )
    def test_a_changed_file_goes_on(self, machine: VariantMachine, change: str) -> None:
        """The build tool itself rebuilds what depends on a changed source."""
        self.prepared(machine)
        machine.set_changes(change + "\n")
        machine.run()
        assert (machine.build / "mark").exists()
        assert machine.report("sync.log") == "1 changed entries\n"

    @pytest.mark.parametrize(
        "change",
        [
            f"{CHANGED} CMakeLists.txt",
            f"{CHANGED} src/deep er/CMakeLists.txt",
            f"{CHANGED} CMakePresets.json",
            f"{CHANGED} cmake/Find.cmake",
            f"{CHANGED} config.cmake.in",
        ],
    )
    def test_other_cmake_files_start_clean(self, machine: VariantMachine, change: str) -> None:
        """What is configured anew can never linger."""
        self.prepared(machine)
        machine.set_changes(f"{CHANGED} main.cpp\n{change}\n")
        machine.run()
        assert not (machine.build / "mark").exists()
        assert (machine.build / "configure-was-here").exists()

    @pytest.mark.parametrize("change", ["new", "removed", "renamed", "link"])
    def test_another_list_of_files_starts_clean(self, machine: VariantMachine, change: str) -> None:
        """What was removed or renamed can never linger."""
        source = machine.root / "source"
        (source / "old.cpp").touch()
        (source / "link").symlink_to("old.cpp")
        self.prepared(machine)
        if change == "new":
            (source / "new.cpp").touch()
        elif change == "removed":
            (source / "old.cpp").unlink()
        elif change == "renamed":
            (source / "old.cpp").rename(source / "other.cpp")
        else:
            (source / "link").unlink()
            (source / "link").symlink_to("elsewhere.cpp")
        machine.run()
        assert not (machine.build / "mark").exists()

    def test_a_build_that_writes_into_its_sources_goes_on(self, machine: VariantMachine) -> None:
        """Files that only the kept copy has are taken away, and are no new list of files."""
        self.prepared(machine)
        machine.set_changes(f"{DELETED} generated.h\n{NEW_FILE} renamed-by-configure.h\n")
        machine.run()
        assert (machine.build / "mark").exists()

    def test_other_arguments_start_clean(self, machine: VariantMachine) -> None:
        """An option that is gone would live on in CMake's cache."""
        self.prepared(machine, "::configure", "-DA=1", "-DB=2", "::build")
        machine.run("::configure", "-DA=1", "::build")
        assert not (machine.build / "mark").exists()

    def test_other_build_or_test_arguments_go_on(self, machine: VariantMachine) -> None:
        """Only what is configured lives in the build folder."""
        self.prepared(machine, "::configure", "-DA=1", "::build", "::test", "--timeout", "1")
        machine.run("::configure", "-DA=1", "::build", "--", "-k", "9", "::test")
        assert (machine.build / "mark").exists()

    def test_another_toolchain_starts_clean(self, machine: VariantMachine) -> None:
        """Objects of another compiler or library version do not stay."""
        self.prepared(machine)
        machine.set_toolchain("sha256:2")
        machine.run()
        assert not (machine.build / "mark").exists()

    def test_another_folder_of_the_repository_starts_clean(self, machine: VariantMachine) -> None:
        """The same options for another CMakeLists.txt are another project."""
        self.prepared(machine)
        (machine.root / "source" / "sub").mkdir()
        machine.environment["PIPELINES_SOURCE_SUBDIR"] = "sub"
        machine.run()
        assert not (machine.build / "mark").exists()

    def test_fresh_starts_from_nothing(self, machine: VariantMachine) -> None:
        """--fresh also forgets downloaded sources."""
        self.prepared(machine)
        for name in ("build/_deps/fmt-src", "cpm"):
            (machine.root / "project" / name).mkdir(parents=True)
        machine.environment["PIPELINES_FRESH"] = "1"
        machine.run()
        assert not (machine.build / "mark").exists()
        assert not (machine.build / "_deps").exists()
        assert not (machine.root / "project" / "cpm").exists()

    def test_a_clean_build_keeps_downloads(self, machine: VariantMachine) -> None:
        """Downloaded sources have stamps of their own; what was built from them goes."""
        self.prepared(machine)
        for name in ("fmt-src", "fmt-subbuild", "fmt-build"):
            (machine.build / "_deps" / name).mkdir(parents=True)
        machine.set_changes(f"{CHANGED} CMakeLists.txt\n")
        machine.run()
        kept = sorted(path.name for path in (machine.build / "_deps").iterdir())
        assert kept == ["fmt-src", "fmt-subbuild"]

    def test_another_generator_keeps_no_downloads(self, machine: VariantMachine) -> None:
        """A download belongs to a small build, which CMake refuses to go on with by other means."""
        self.prepared(machine, "::configure", "-G", "Ninja", "::build", "::test")
        (machine.build / "_deps" / "fmt-subbuild").mkdir(parents=True)
        machine.run("::configure", "-G", "Ninja", "-DA=1", "::build", "::test")
        assert (machine.build / "_deps" / "fmt-subbuild").exists()
        machine.run("::configure", "-G", "Unix Makefiles", "-DA=1", "::build", "::test")
        assert not (machine.build / "_deps").exists()

    def test_a_sync_that_was_cut_short_starts_clean(self, machine: VariantMachine) -> None:
        """What a broken sync had done already is not seen by the next one."""
        self.prepared(machine)
        (machine.root / "rsync-code").write_text("20")
        machine.set_changes(f"{DELETED} old.cpp\n")
        machine.run()
        assert machine.codes() == {"sync": 20}
        (machine.root / "rsync-code").unlink()
        machine.set_changes("")
        machine.run()
        assert not (machine.build / "mark").exists()


class TestSteps:
    """run_variant.sh runs the steps in order and leaves a record of each."""

    def test_a_green_run_leaves_all_records(self, machine: VariantMachine) -> None:
        """Each step has a log, a record, and markers on the progress stream."""
        machine.environment["PIPELINES_RUN_ID"] = "run 1"
        output = machine.run()
        assert machine.codes() == {"sync": 0, "configure": 0, "build": 0, "test": 0}
        assert machine.report("run-id") == "run 1"
        assert int(machine.report("free-bytes")) > 0
        markers = [line for line in output.splitlines() if line.startswith("::")]
        steps = ("sync", "configure", "build", "test")
        expected = [(f"::step release {step}", f"::done release {step} 0") for step in steps]
        assert markers == [marker for pair in expected for marker in pair]

    def test_arguments_arrive_as_they_are(self, machine: VariantMachine) -> None:
        """Blanks, quotes and shell signs in arguments are nothing special."""
        nasty = "-DX=a b;$(touch hacked)`x`\"'*"
        machine.run("::configure", nasty, "::build", "--", "-k", "10", "::test", "--timeout", "5")
        calls = machine.calls()
        assert calls[0].endswith(f" {nasty}")
        assert calls[1].endswith(" -- -k 10")
        assert calls[2].endswith(" --timeout 5")
        assert not list(machine.root.rglob("hacked"))

    @pytest.mark.parametrize(
        ("step", "ran"),
        [
            ("configure", ["sync", "configure"]),
            ("build", ["sync", "configure", "build"]),
            ("test", ["sync", "configure", "build", "test"]),
        ],
    )
    def test_a_failed_step_is_the_last(
        self, machine: VariantMachine, step: str, ran: list[str]
    ) -> None:
        """What comes after a failure does not run, and the script itself ends well."""
        machine.set_step(step, "echo the reason >&2; exit 7")
        output = machine.run()
        assert f"::done release {step} 7\n" in output
        codes = machine.codes()
        assert sorted(codes) == sorted(ran)
        assert codes[step] == 7
        assert machine.report(f"{step}.log") == "the reason\n"

    def test_a_killed_step_has_the_code_of_its_signal(self, machine: VariantMachine) -> None:
        """A crash is recorded as the shell tells it."""
        machine.set_step("build", "kill -ABRT $$")
        machine.run()
        assert machine.codes()["build"] == 134

    def test_a_variant_without_tests_runs_none(self, machine: VariantMachine) -> None:
        """Only what is asked for behind a marker is run."""
        machine.run("::configure", "::build")
        assert not any(call.startswith("ctest") for call in machine.calls())
        machine.run("::configure", "::build", "::test")
        assert any(call.startswith("ctest") for call in machine.calls())

    COVERED = ("::configure", "::build", "::test", "::coverage", "--exclude=a b", "--x")

    def test_counters_are_read_after_the_tests(self, machine: VariantMachine) -> None:
        """The reader gets the folders and the arguments behind its marker as they are."""
        machine.run(*self.COVERED)
        assert [call.split()[0] for call in machine.calls()] == ["cmake", "cmake", "ctest", "gcovr"]
        assert machine.calls()[-1] == (
            f"gcovr {machine.root}/opt/read_counters.py {machine.root}/project/src "
            f"{machine.build} {machine.root}/reports --exclude=a b --x"
        )
        assert machine.codes()["coverage"] == 0
        machine.run()
        assert not any(call.startswith("gcovr") for call in machine.calls())

    def test_only_these_tests_may_count(self, machine: VariantMachine) -> None:
        """Counters of an earlier run, and of programs that ran while building, are gone."""
        machine.set_step(
            "build", 'mkdir -p "$folder/x"; touch "$folder/x/a.gcno" "$folder/x/a.gcda"'
        )
        machine.set_step("test", 'touch "$ROOT/project/build/b.gcda"')
        counters = 'cd "$ROOT/project/build" && find . -name "*.gc*" | sort > "$ROOT/reports/found"'
        machine.set_step("coverage", counters)
        for _ in range(2):
            machine.run(*self.COVERED)
            assert machine.report("found").split() == ["./b.gcda", "./x/a.gcno"]
        machine.set_step("test", "")
        machine.run(*self.COVERED)
        assert machine.report("found").split() == ["./x/a.gcno"]

    def test_counters_are_read_also_when_a_test_failed(self, machine: VariantMachine) -> None:
        """The report shows what was reached, and the failure of the tests stays."""
        machine.set_step("test", "exit 8")
        machine.run(*self.COVERED, "::install")
        codes = machine.codes()
        assert (codes["test"], codes["coverage"]) == (8, 0)
        assert "install" not in codes

    def test_without_a_build_no_counters_are_read(self, machine: VariantMachine) -> None:
        """Where nothing was built there is nothing to read."""
        machine.set_step("build", "exit 1")
        machine.run(*self.COVERED)
        assert "coverage" not in machine.codes()

    def test_the_number_of_tests_at_once_can_be_set(self, machine: VariantMachine) -> None:
        """PIPELINES_TEST_JOBS limits the tests, not the build."""
        machine.environment["PIPELINES_TEST_JOBS"] = "77"
        machine.run()
        assert [call.endswith(" --parallel 77") for call in machine.calls()] == [False, False, True]

    def test_a_long_log_keeps_both_ends(self, machine: VariantMachine) -> None:
        """A log over its limit has its beginning, a note and its end."""
        machine.environment["PIPELINES_LOG_BYTES"] = "1000"
        machine.set_step("build", "echo first; seq 100000; echo last")
        machine.run()
        log = machine.report("build.log")
        assert log.startswith("first\n1\n")
        assert log.endswith("100000\nlast\n")
        assert "bytes truncated here" in log
        assert len(log.encode()) < 1100

    def test_a_log_of_one_huge_line_is_bounded(self, machine: VariantMachine) -> None:
        """Also what has no line ends at all stays bounded, in the log and on the stream."""
        machine.set_step("build", "head -c 3000000 /dev/zero | tr '\\0' x")
        output = machine.run()
        assert len(machine.report("build.log")) < 1_000_200
        assert len(output) < 300_000

    def test_switches_that_hide_tests_are_listed(self, machine: VariantMachine) -> None:
        """Options of the project that are off and have to do with tests are told."""
        (machine.root / "CMakeCache.txt").write_text(
            "FOO_BUILD_TESTS:BOOL=OFF\nBUILD_TESTING:BOOL=ON\nfoo_testing:BOOL=no\n"
            "LATEST:BOOL=OFF\nCONTEST_MODE:BOOL=OFF\nFOO_TEST_DIR:PATH=OFF\n"
        )
        machine.run()
        listed = machine.report("test-switches.txt").splitlines()
        assert listed[0] == "FOO_BUILD_TESTS:BOOL=OFF"
        assert "foo_testing:BOOL=no" in listed
        assert not any("BUILD_TESTING:" in line or "PATH" in line for line in listed)

    def test_an_install_tree_is_collected_where_there_are_no_rules(
        self, machine: VariantMachine
    ) -> None:
        """Programs and libraries are found by what they are, not by their names."""
        files = {
            "bin/app": b"\x7fELF rest",
            "lib/libx.so.1": b"\x7fELF rest",
            "libs/liby.a": b"!<arch>\nrest",
            "script": b"#!/bin/sh\n",
            "CMakeFiles/probe": b"\x7fELF rest",
        }
        for name, content in files.items():
            path = machine.root / "built" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o755)
        machine.set_step("build", 'cp -a "$ROOT/built/." "$folder"')
        machine.run("::configure", "::build", "::install")
        out = machine.root / "out"
        found = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
        assert found == ["bin/app", "lib/libx.so.1", "lib/liby.a"]

    def test_linting_comes_after_the_build(self, machine: VariantMachine) -> None:
        """The tools run on what is built, with their own arguments, and not on a broken build."""
        write_program(machine.root / "bin" / "python3", 'echo "$@" > "$ROOT/linted"; exit 3')
        machine.run("::configure", "::build", "::lint", "--exclude=^a b/")
        assert list(machine.codes())
        assert machine.codes()["lint"] == 3
        words = (machine.root / "linted").read_text()
        assert words.startswith("-m lint_tools --source ")
        assert words.endswith("--exclude=^a b/\n")
        (machine.root / "linted").unlink()
        machine.set_step("build", "exit 1")
        machine.run("::configure", "::build", "::lint")
        assert "lint" not in machine.codes()

    def test_a_fresh_run_lints_everything_again(self, machine: VariantMachine) -> None:
        """Kept results go with a kept build."""
        kept = machine.root / "project" / "lint" / "results"
        write_program(machine.root / "bin" / "python3", f'mkdir -p "{kept}"; echo >> "{kept}/x"')
        for fresh, lines in (("", 1), ("", 2), ("yes", 1)):
            machine.environment["PIPELINES_FRESH"] = fresh
            machine.run("::configure", "::build", "::lint")
            assert len((kept / "x").read_text().splitlines()) == lines

    def test_secrets_are_in_no_report(self, machine: VariantMachine) -> None:
        """What a build or a test prints of the netrc file is hidden in logs, XML and stream."""
        secret = 'to"k&en-<42>'  # noqa: S105 - made up
        netrc = machine.root / "home" / ".netrc"
        netrc.write_text(f"machine h login me password {secret}\n")
        for step in ("configure", "build"):
            machine.set_step(step, f"printf '%s\\n' 'is {secret}'")
        machine.set_step(
            "test",
            'cat "$HOME/.netrc"\n'
            f"printf '%s' '<x>{escape(secret)}</x>' > \"$ROOT/reports/junit.xml\"\n"
            f"printf '%s' '{secret}' > \"$ROOT/reports/sanitizer/asan.1\"\n"
            'mkdir -p "$ROOT/project/build/Testing"; '
            'cp "$HOME/.netrc" "$ROOT/project/build/Testing/LastTest.log"',
        )
        output = machine.run()
        assert machine.report("junit.xml") == "<x>***</x>"
        assert machine.report("build.log") == "is ***\n"
        texts = [output, *(path.read_text() for path in machine.root.glob("reports/**/*.*"))]
        texts += [path.read_text() for path in (machine.root / "project").rglob("*.log")]
        assert not any("k&en" in text or "k&amp;en" in text for text in texts)
