"""The service: projects that are opened once, and anew when what they are told has changed."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from preboard.catalog.service.keys import Wished
from preboard.errors import NotFound
from preboard.server import service as module
from preboard.server.auth import Caller, hosted_of
from preboard.server.faults import Forbidden
from preboard.server.service import Service
from preboard.server.services.projects import create_project
from preboard.server.settings import read_settings


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    root = tmp_path_factory.mktemp("service")
    made = Service(read_settings(root / "home", local_roots=(root / "in",)))
    yield made
    made.close()


@pytest.fixture
def caller(service):
    return Caller(service.keys.create(Wished(owner="o1", name="k")).key, "127.0.0.1")


@pytest.fixture
def project(service, caller, request):
    return create_project(service, caller.key.owner, request.node.name[:60].replace("[", "-"), None)


def touch_config(service, project):
    path = service.directory(project) / "config" / "config.ini"
    path.write_text(path.read_text() + "\n")


class TestProjects:
    def test_one_is_opened_once(self, service, project):
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _: service.project(project.project), range(8)))

        assert found[-1] is service.project(project.project)
        assert found[-1].root == service.directory(project.project)

    def test_it_is_opened_anew_when_its_settings_change(self, service, project):
        before = service.project(project.project)
        touch_config(service, project.project)
        after = service.project(project.project)

        assert after is not before
        assert after is service.project(project.project)

    def test_it_is_opened_anew_when_local_files_are_switched(self, service, project):
        before = service.project(project.project)
        assert before.terms.roots.allowed == ()
        service.switches.set_local_files(allowed=True)
        service.hosting.set_local_files(project.project, allowed=True)

        assert service.project(project.project).terms.roots.allowed
        service.switches.set_local_files(allowed=False)
        assert service.project(project.project).terms.roots.allowed == ()

    def test_who_has_the_former_one_goes_on_and_the_last_lets_it_go(self, service, project):
        before = service.project(project.project)
        lock = before.owner.directory / f"{before.owner.id}.lock"
        gone = weakref.ref(before)
        touch_config(service, project.project)
        service.project(project.project)

        assert lock.exists()
        del before
        gc.collect()
        assert gone() is None
        assert not lock.exists()

    def test_no_more_are_open_than_a_number(self, service, caller, monkeypatch):
        monkeypatch.setattr(module, "MOST_OPEN", 2)
        made = [create_project(service, caller.key.owner, f"many {at}", None) for at in range(4)]
        for each in made:
            service.project(each.project)

        assert len(service._projects) == 2
        assert service.project(made[0].project).root == service.directory(made[0].project)

    def test_one_that_is_not_there(self, service):
        with pytest.raises(NotFound):
            service.project("5f0c7d1e-0000-4000-8000-000000000000")


class TestWhoseItIs:
    def test_a_key_opens_the_projects_of_its_owner(self, service, caller, project):
        assert hosted_of(service, caller, project.name, "read") == project

    @pytest.mark.parametrize("name", ["nosuch", "", "..", "../x", "a\0b", "\ud800", "x" * 500])
    def test_all_else_is_not_there(self, service, caller, name):
        with pytest.raises(NotFound, match="Unknown project name"):
            hosted_of(service, caller, name, "read")

    def test_nor_is_a_project_of_another_owner(self, service, project):
        other = Caller(service.keys.create(Wished(owner="o2", name="k", admin=True)).key, "")

        with pytest.raises(NotFound, match="Unknown project name"):
            hosted_of(service, other, project.name, "read")

    def test_nor_one_that_the_key_is_not_limited_to(self, service, project):
        def limited(*projects):
            wished = Wished(owner="o1", name="k", projects=projects)
            return Caller(service.keys.create(wished).key, "")

        allowed = limited("p0", project.project)
        assert hosted_of(service, allowed, project.name, "run") == project
        with pytest.raises(NotFound):
            hosted_of(service, limited("p0"), project.name, "run")

    def test_a_scope_that_it_lacks_is_told(self, service, project):
        reader = Caller(service.keys.create(Wished(owner="o1", name="k", scopes=("read",))).key, "")

        assert hosted_of(service, reader, project.name, "read") == project
        with pytest.raises(Forbidden, match="'run'"):
            hosted_of(service, reader, project.name, "run")


def test_a_token_for_the_first_key_is_made_only_while_there_is_none(tmp_path):
    service = Service(read_settings(tmp_path / "home"))
    try:
        first, second = service.make_bootstrap_token(), service.make_bootstrap_token()
        assert first
        assert second
        assert first != second
        service.keys.create_first(Wished(owner="o", name="k"))
        assert service.make_bootstrap_token() is None
        assert service.switches.get("bootstrap") is None
    finally:
        service.close()
