"""Reading pipeline.yaml."""

from __future__ import annotations

import time

import pytest

from pipelines.config import (
    Canary,
    CanaryStep,
    CMake,
    Compiler,
    Config,
    Coverage,
    Deploy,
    Environment,
    FailOn,
    Generator,
    Image,
    Kubernetes,
    Lint,
    LintFailOn,
    Sanitize,
    Sanitizer,
    Scan,
    ScanSeverity,
    Strategy,
    Systemd,
    Test,
    Toolchain,
    is_option_name,
    is_package_name,
    load_config,
)
from pipelines.errors import ConfigError

EVERYTHING = r"""
name: sample-app
toolchain:
  image: debian
  compiler: clang
  packages: [libboost-dev, libspdlog-dev, g++-12]
  cmake: 3.30
  ninja: "1.12.1"
cmake:
  source: ./app/
  generator: Unix Makefiles
  preset: dev
  build_type: RelWithDebInfo
  options: {SAMPLE_APP_BUILD_TESTS: "ON", "WITH_TLS:BOOL": yes, CMAKE_CXX_STANDARD: 20, V: 1.10}
test: {timeout_s: 60, exclude: [^slow], parallel: 4}
sanitize: {sanitizers: [thread, undefined], preset: tsan, fail_on: failed-tests}
coverage:
  minimum_percent: 80.5
  minimum_branch_percent: 60
  preset: counters
  include: [src/]
  exclude: ["src/generated/", "(.*/)?old_.*"]
lint:
  clang_format: true
  clang_tidy: false
  cppcheck: false
  exclude: [^third_party/, '\.pb\.(h|cc)$']
  clang_version: 19
  base: origin/release-1.2
  fail_on: all
image:
  dockerfile: docker/Dockerfile
  repository: ghcr.io/acme/sample-app
  platforms: [linux/amd64, linux/arm64/v8]
scan: {fail_on: [CRITICAL], ignore_unfixed: false, database_max_age_h: 24}
deploy:
  strategy: canary
  kubernetes: {manifests: k8s, container: app, service: web}
  canary:
    steps: [{weight: 5, min_requests: 50}, {weight: 100}]
    max_error_ratio: 0.02
    max_p99_ratio: 2
  systemd: {unit: a.service, socket: a.socket, install_dir: /opt/sample-app/}
environments:
  staging: {namespace: staging, replicas: 1}
  production: {namespace: prod, replicas: 0, env_file: .env.production}
  local:
"""


def mistakes(text: str) -> list[str]:
    """Return the mistakes of a text, as they are shown."""
    with pytest.raises(ConfigError) as caught:
        load_config(text)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize("text", [None, "", "# only a comment", "---", "~", "{}", "test:"])
def test_nothing_has_to_be_written(text: str | None) -> None:
    """A missing file, an empty one and empty sections give the defaults."""
    assert load_config(text) == Config()


def test_defaults_are_the_documented_ones() -> None:
    """The defaults fit a plain CMake repository."""
    config = Config()
    assert config.name is None
    assert (config.toolchain.image, config.toolchain.compiler) == ("debian", Compiler.GCC)
    assert (config.cmake.source, config.cmake.generator) == (".", Generator.NINJA)
    assert config.test.timeout_s == 300
    assert config.sanitize.sanitizers == (Sanitizer.ADDRESS, Sanitizer.UNDEFINED)
    assert config.sanitize.fail_on is FailOn.ANY


def test_every_key_is_read() -> None:
    """Each key of the file reaches its value, with its type."""
    assert load_config(EVERYTHING) == Config(
        name="sample-app",
        toolchain=Toolchain(
            image="debian",
            compiler=Compiler.CLANG,
            packages=("libboost-dev", "libspdlog-dev", "g++-12"),
            cmake="3.30",
            ninja="1.12.1",
        ),
        cmake=CMake(
            source="app",
            generator=Generator.MAKE,
            preset="dev",
            build_type="RelWithDebInfo",
            options=(
                ("SAMPLE_APP_BUILD_TESTS", "ON"),
                ("WITH_TLS:BOOL", "ON"),
                ("CMAKE_CXX_STANDARD", "20"),
                ("V", "1.10"),
            ),
        ),
        test=Test(timeout_s=60, exclude=("^slow",), parallel=4),
        sanitize=Sanitize(
            sanitizers=(Sanitizer.THREAD, Sanitizer.UNDEFINED),
            preset="tsan",
            fail_on=FailOn.FAILED_TESTS,
        ),
        coverage=Coverage(
            minimum_percent=80.5,
            minimum_branch_percent=60.0,
            preset="counters",
            include=("src/",),
            exclude=("src/generated/", "(.*/)?old_.*"),
        ),
        lint=Lint(
            clang_format=True,
            clang_tidy=False,
            cppcheck=False,
            exclude=("^third_party/", r"\.pb\.(h|cc)$"),
            clang_version=19,
            base="origin/release-1.2",
            fail_on=LintFailOn.ALL,
        ),
        image=Image(
            dockerfile="docker/Dockerfile",
            repository="ghcr.io/acme/sample-app",
            platforms=("linux/amd64", "linux/arm64/v8"),
        ),
        scan=Scan(fail_on=(ScanSeverity.CRITICAL,), ignore_unfixed=False, database_max_age_h=24),
        deploy=Deploy(
            strategy=Strategy.CANARY,
            kubernetes=Kubernetes(manifests="k8s", container="app", service="web"),
            canary=Canary(
                steps=(CanaryStep(weight=5, min_requests=50), CanaryStep(weight=100)),
                max_error_ratio=0.02,
                max_p99_ratio=2.0,
            ),
            systemd=Systemd(unit="a.service", socket="a.socket", install_dir="/opt/sample-app"),
        ),
        environments=(
            Environment(name="staging", namespace="staging", replicas=1),
            Environment(
                name="production", namespace="prod", replicas=0, env_file=".env.production"
            ),
            Environment(name="local"),
        ),
    )


FAST = (
    'test.timeout_s: "fast" is not a whole number. '
    "Write the seconds that one test may take, such as 300."
)


def test_all_mistakes_come_at_once_in_order() -> None:
    """One run shows every mistake, in the order of the file."""
    shown = mistakes(
        "nam: x\n"
        "toolchain: {compiler: icc}\n"
        "test: {timeout_s: fast}\n"
        "deploy: {canary: {steps: [{weight: 1}, {weight: 2}, {weight: 140}]}}\n"
    )
    assert shown == [
        "nam: unknown key. Perhaps you meant name?",
        'toolchain.compiler: "icc" is not known here. Use one of: gcc, clang.',
        FAST,
        "deploy.canary.steps[2].weight: 140 is not within 1–100. Use a percentage.",
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        # unknown keys, at any depth
        ("frobnicate: 1", "frobnicate: unknown key. Known keys: name, toolchain, cmake, test,"),
        ("deploy: {canary: {step: []}}", "deploy.canary.step: unknown key. Perhaps you meant ste"),
        ("environments: {a: {replica: 1}}", "environments.a.replica: unknown key. Perhaps you me"),
        ("'odd key': 1", '["odd key"]: unknown key.'),
        # types
        ("test: {timeout_s: true}", "test.timeout_s: true is not a whole number."),
        ("test: {timeout_s: 1.5}", "test.timeout_s: 1.5 is not a whole number."),
        ("test: {timeout_s: '300'}", 'test.timeout_s: "300" is not a whole number.'),
        ("test: {timeout_s: 0x10}", "test.timeout_s: 0x10 is not a plain whole number."),
        ("test: {timeout_s: 010}", "test.timeout_s: 010 is not a plain whole number."),
        ("test: {timeout_s: 1:30}", "test.timeout_s: 1:30 is not a plain whole number."),
        ("test: {timeout_s: 0}", "test.timeout_s: 0 is not within 1–86400."),
        ("test: {timeout_s: [300]}", "test.timeout_s: a list is not a whole number."),
        ("test: {timeout_s: 99999999999999999999}", "test.timeout_s: 99999999999999999999 is no"),
        ("test: 3", "test: 3 is not a mapping."),
        ("test: [a]", "test: a list is not a mapping."),
        ("test: {exclude: slow}", 'test.exclude: "slow" is not a list.'),
        ("test: {exclude: [3]}", "test.exclude[0]: 3 is not text."),
        ("test: {exclude: [a, a]}", 'test.exclude[1]: "a" is listed twice.'),
        ("test: {exclude: [{}]}", "test.exclude[0]: a mapping is not text."),
        ("test: {exclude: [~]}", "test.exclude[0]: nothing is not text."),
        ("scan: {ignore_unfixed: 1}", "scan.ignore_unfixed: 1 is not true or false."),
        ("scan: {fail_on: []}", "scan.fail_on: the list is empty."),
        ("scan: {fail_on: [high]}", 'scan.fail_on[0]: "high" is not known here.'),
        ("coverage: {minimum_percent: 101}", "coverage.minimum_percent: 101 is not within 0–100"),
        ("coverage: {minimum_percent: .nan}", "coverage.minimum_percent: .nan is not a number."),
        ("coverage: {minimum_percent: '5'}", 'coverage.minimum_percent: "5" is not a number.'),
        ("coverage: {minimum_branch_percent: -1}", "coverage.minimum_branch_percent: -1 is not wi"),
        ("coverage: {exclude: ['(']}", 'coverage.exclude[0]: "(" is not a regular expression (mi'),
        ("coverage: {exclude: ['a', '^/usr/']}", 'coverage.exclude[1]: "^/usr/" is an absolute p'),
        ("coverage: {include: src/}", 'coverage.include: "src/" is not a list.'),
        ("coverage: {include: ['']}", 'coverage.include[0]: "" is empty'),
        ("lint: {clang_tdy: true}", "lint.clang_tdy: unknown key. Perhaps you meant clang_tidy?"),
        ("lint: {clang_format: auto}", 'lint.clang_format: "auto" is not true or false.'),
        ("lint: {clang_version: 19.1}", "lint.clang_version: 19.1 is not a whole number."),
        ("lint: {clang_version: 3}", "lint.clang_version: 3 is not within 11–99."),
        ("lint: {fail_on: any}", 'lint.fail_on: "any" is not known here. Use one of: changed, al'),
        ("lint: {exclude: ['(']}", 'lint.exclude[0]: "(" is not a regular expression (missing )'),
        ("lint: {base: --output=x}", 'lint.base: "--output=x" does not name a commit.'),
        ("lint: {base: a..b}", 'lint.base: "a..b" does not name a commit.'),
        ("lint: {base: 'a b'}", 'lint.base: "a b" does not name a commit.'),
        ("name: 2024-01-01", "name: 2024-01-01 is not text. Put it in quotes"),
        ("name: on", "name: on is not text."),
        ("name: ''", 'name: "" is empty'),
        ("name: Sample_App", 'name: "Sample_App" is not a name of lower-case letters'),
        (f"name: {'x' * 64}", f'name: "{"x" * 59}… is not a name'),
        ("just text", 'pipeline.yaml: "just text" is not a mapping.'),
        ("[1]", "pipeline.yaml: a list is not a mapping."),
        # versions, packages, options
        ("toolchain: {cmake: 3}", "toolchain.cmake: 3 is not a version."),
        ("toolchain: {cmake: latest}", 'toolchain.cmake: "latest" is not a version.'),
        ("toolchain: {cmake: true}", "toolchain.cmake: true is not a version."),
        ("toolchain: {packages: [Foo]}", 'toolchain.packages[0]: "Foo" is not the name of a Deb'),
        ("toolchain: {packages: ['x; y']}", "toolchain.packages[0]: "),
        ("toolchain: {packages: [-y, vim-]}", "toolchain.packages[1]: "),
        ("toolchain: {image: 'a b'}", 'toolchain.image: "a b" is not an image.'),
        ("cmake: {options: {1X: 1}}", "cmake.options.1X: this is not the name of a CMake var"),
        ("cmake: {options: {'A B': 1}}", 'cmake.options["A B"]: this is not the name of a CMake'),
        ("cmake: {options: {'A:INT': 1}}", 'cmake.options["A:INT"]: this is not the name of a C'),
        ("cmake: {options: {A: [1]}}", "cmake.options.A: a list is not text, a number or a bool"),
        ("cmake: {options: {A: }}", "cmake.options.A: nothing is not text, a number or a bool"),
        ('cmake: {options: {A: "1\\n2"}}', 'cmake.options.A: "1\\n2" has control characters.'),
        ("cmake: {options: {A: 1, 'A:BOOL': 1}}", 'cmake.options["A:BOOL"]: the variable is set'),
        ("cmake: {generator: Xcode}", 'cmake.generator: "Xcode" is not known here. Use one of: N'),
        # paths
        ("cmake: {source: ../up}", 'cmake.source: "../up" leaves the repository.'),
        ("cmake: {source: a/../../b}", 'cmake.source: "a/../../b" leaves the repository.'),
        ("cmake: {source: /abs}", 'cmake.source: "/abs" is not a relative path.'),
        ("cmake: {source: ~user}", 'cmake.source: "~user" is not a relative path.'),
        ("cmake: {source: 'a\\b'}", "cmake.source: "),
        ("image: {dockerfile: ..}", 'image.dockerfile: ".." leaves the repository.'),
        ("deploy: {systemd: {install_dir: opt}}", 'deploy.systemd.install_dir: "opt" is not an a'),
        ("deploy: {systemd: {install_dir: /}}", 'deploy.systemd.install_dir: "/" is not an absol'),
        ("environments: {a: {env_file: ../x}}", 'environments.a.env_file: "../x" leaves the rep'),
        # images
        ("image: {repository: 'ghcr.io/a/b:1'}", "image.repository: "),
        ("image: {platforms: [amd64]}", 'image.platforms[0]: "amd64" is not a platform.'),
        # values that do not go together
        ("sanitize: {sanitizers: [thread, address]}", "sanitize.sanitizers: thread cannot be com"),
        ("sanitize: {sanitizers: [memory]}", "sanitize: the memory sanitizer exists only in Clan"),
        ("sanitize: {sanitizers: []}", "sanitize.sanitizers: the list is empty."),
        ("deploy: {canary: {steps: []}}", "deploy.canary.steps: the list is empty."),
        (
            "deploy: {canary: {steps: [{weight: 50}, {weight: 50}]}}",
            "deploy.canary.steps[1]: the weight 50 does not rise above 50.",
        ),
        (
            "deploy: {canary: {steps: [{min_requests: 5}]}}",
            "deploy.canary.steps[0]: the step has no weight.",
        ),
        ("environments: {Prod: {}}", "environments.Prod: this is not a name for an environment."),
        ("environments: {a: {replicas: -1}}", "environments.a.replicas: -1 is not within 0–1000"),
        # the file itself
        ("test: {}\ntest: {}", "test: the key occurs twice. Remove one of the two."),
        ("a: b: c", "1:5: mapping values are not allowed here."),
        ("name: x\n\ttab: 1", "2:1: found character '\\t' that cannot start any token."),
        ("name: [a", "1:9: "),
        ("name: *nowhere", "1:7: found undefined alias 'nowhere'."),
        ("a: 1\n---\nb: 2", "2:1: "),
        ("name: \x07", "1:7: the character 0x7 is not allowed."),
        ("? [a]\n: 1", "1:3: a key is a list or a mapping."),
        ("name: !!python/name:os.system x", "1:7: the tag tag:yaml.org,2002:python/name:os.sys"),
        ("name: !!binary aGk=", "1:7: the tag tag:yaml.org,2002:binary is not supported"),
        ("test: {<<: 3}", "1:8: << needs a mapping beside it."),
    ],
)
def test_a_mistake_is_located_and_explained(text: str, mistake: str) -> None:
    """Each mistake is shown with its path, what was found, and what to do."""
    shown = mistakes(text)
    assert any(each.startswith(mistake) for each in shown), shown
    assert all(each.endswith((".", "?")) for each in shown)


def test_anchors_are_followed() -> None:
    """Anchors, aliases and merges work; keys of one's own may hold them."""
    config = load_config(
        "x-defaults: &defaults {namespace: shared, replicas: 2}\n"
        "x-more: &more {replicas: 9, env_file: .env}\n"
        "environments:\n"
        "  one: *defaults\n"
        "  two: {<<: *defaults, replicas: 5}\n"
        "  three: {<<: [*defaults, *more]}\n"
    )
    assert config.environments == (
        Environment(name="one", namespace="shared", replicas=2),
        Environment(name="two", namespace="shared", replicas=5),
        Environment(name="three", namespace="shared", replicas=2, env_file=".env"),
    )


BOMB = "\n".join(
    ["x-0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    + [f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "x-a: &a [*a]",
        "x-a: &a {b: *a}",
        "[" * 100_000,
        "{a: " * 5_000,
        "- " * 5_000,
        "name: " + "x" * 300_000,
        '"\\UFFFFFFFF"',
        "%YAML 1." + "9" * 5_000 + "\n---\na",
        "\ud800",
    ],
    ids=lambda text: f"{text[:12]!a}",
)
def test_hostile_files_are_refused_quickly(text: str) -> None:
    """Bombs, loops, depth and broken escapes give one located mistake, soon."""
    start = time.monotonic()
    (mistake,) = mistakes(text)
    assert time.monotonic() - start < 10
    line, _, rest = mistake.partition(":")
    assert line.isdigit()
    assert rest.partition(":")[0].isdigit()


@pytest.mark.parametrize("name", ["g++", "libstdc++6", "a1", "libboost1.81-dev", "0ad"])
def test_package_names(name: str) -> None:
    """Names that Debian allows are allowed."""
    assert is_package_name(name)


@pytest.mark.parametrize("name", ["", "a", "Foo", "vim-", "-y", "a b", "a=1", "a/b", "ä1", "aa\n"])
def test_other_package_names(name: str) -> None:
    """What Debian forbids, or apt-get would read as an order, is refused."""
    assert not is_package_name(name)


@pytest.mark.parametrize("name", ["A", "_a", "CMAKE_CXX_STANDARD", "a.b/c-d+e", "X:BOOL"])
def test_option_names(name: str) -> None:
    """Names of CMake variables are allowed, with a type if wanted."""
    assert is_option_name(name)


@pytest.mark.parametrize("name", ["", "1A", "A B", "A=", "A:", "A:WHAT", "-D", "A;B", "A\n"])
def test_other_option_names(name: str) -> None:
    """Anything else would change the meaning of the command line."""
    assert not is_option_name(name)
