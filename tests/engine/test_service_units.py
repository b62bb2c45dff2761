"""The systemd units of sample_app, in the eyes of systemd itself."""

from __future__ import annotations

import anyio
import pytest

from pipelines.cli.session import in_session
from pipelines.progress import SilentProgress
from pipelines.stages.images import load_catalogue

pytestmark = pytest.mark.engine

SERVICE = "sample-app.service"
UNITS = (SERVICE, "sample-app.socket", "sample-app-metrics.socket")
PROGRAM = "/opt/sample-app/current/bin/sample_app"
MOST_EXPOSED = 15
"""In tenths; a bare unit has 92, and what most guides recommend 85."""

SCRIPT = """
set -u
mkdir -p "$(dirname "$0")" && cp /bin/true "$0"
cd /units
systemd-analyze verify "$@" 2>&1
echo "verify: $?"
printf '[Service]\\nExecStart=/bin/true\\nNonsense=1\\n' > wrong.service
systemd-analyze verify wrong.service 2>&1 | grep -c Nonsense
systemd-analyze security --offline=true --threshold="$THRESHOLD" "$1" | tail -n 1
systemd-analyze security --offline=true --threshold="$THRESHOLD" "$1" > /dev/null 2>&1
echo "security: $?"
systemd-analyze security --offline=true --threshold="$THRESHOLD" wrong.service > /dev/null 2>&1
echo "security of a bare unit: $?"
"""


@pytest.mark.usefixtures("engine")
def test_systemd_has_nothing_to_say_against_the_units() -> None:
    """The units verify without a word, and the service is exposed no more than a hardened one."""

    async def work() -> str:
        from dagger import dag  # noqa: PLC0415 - heavy

        from bench.service_container import SAMPLE_APP  # noqa: PLC0415
        from pipelines.cli.host_source import host_source  # noqa: PLC0415
        from pipelines.stages.toolchain import script  # noqa: PLC0415

        units = (await host_source(SAMPLE_APP)).directory("deploy/systemd")
        container = (
            dag.container()
            .from_(load_catalogue()["debian"])
            .with_new_file("/install.sh", script("install_toolchain.sh"))
            .with_exec(["sh", "/install.sh", "systemd"])
            .with_directory("/units", units)
            .with_env_variable("THRESHOLD", str(MOST_EXPOSED))
            .with_exec(["sh", "-c", SCRIPT, PROGRAM, *UNITS])
        )
        return await container.stdout()

    lines = anyio.run(lambda: in_session(work, progress=SilentProgress())).splitlines()
    # Nothing stands before the first verdict, and a wrong unit does get a word.
    assert lines[0] == "verify: 0", lines
    assert int(lines[1]) >= 1, lines
    assert f"exposure level for {SERVICE}" in lines[2]
    assert lines[3:] == ["security: 0", "security of a bare unit: 1"], lines
