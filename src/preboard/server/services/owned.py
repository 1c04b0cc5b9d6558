"""What callers do to their projects, for both versions: found, allowed, done, told to the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.server.auth import hosted_of
from preboard.server.faults import Forbidden
from preboard.server.services import configs, env, files, kept, projects

if TYPE_CHECKING:
    from pathlib import Path

    from preboard.catalog.service.hosting import Hosted
    from preboard.project.project import Project
    from preboard.server.auth import Caller
    from preboard.server.service import Service


def audit(
    service: Service, caller: Caller, hosted: Hosted, action: str, target: str | None = None
) -> None:
    """Note what a caller has done to a project; `target` is no value of anything."""
    service.audit.add(caller.deed(action, project=hosted.project, target=target or hosted.name))


def names_of(service: Service, caller: Caller) -> list[str]:
    """Return the names of the projects that a key can use, in the order of their creation."""
    caller.need("read")
    found = service.hosting.page(caller.key.owner, among=caller.key.projects)
    return [each.name for each in found]


def make_project(service: Service, caller: Caller, name: str, config: str | None) -> Hosted:
    """Make a project.

    Raises:
        Forbidden: the key lacks the scope, or is limited to projects that there are.
    """
    caller.need("admin")
    if caller.key.projects is not None:
        raise Forbidden(
            "this API key is limited to some projects, and can't make others",
            hint="ask with a key that is not",
        )
    hosted = projects.create_project(service, caller.key.owner, name, config)
    audit(service, caller, hosted, "project.create")
    return hosted


def remove_project(service: Service, caller: Caller, name: str) -> Hosted:
    """Remove a project; `finish_removal` is to be called behind the answer."""
    hosted = hosted_of(service, caller, name, "admin")
    projects.remove_project(service, hosted)
    audit(service, caller, hosted, "project.delete")
    return hosted


def rename_project(service: Service, caller: Caller, hosted: Hosted, name: str) -> None:
    """Give a project another name."""
    projects.rename_project(service, hosted, name)
    audit(service, caller, hosted, "project.rename", f"{hosted.name} -> {name}")


def limit_project(service: Service, caller: Caller, hosted: Hosted, most: int | None) -> None:
    """Say how many runs of a project may go on at once."""
    projects.limit_project(service, hosted, most)
    audit(service, caller, hosted, "project.limit", str(most))


def config_of(service: Service, caller: Caller, name: str) -> str:
    """Return the config of a project."""
    return configs.get_config(service, hosted_of(service, caller, name, "admin"))


def set_config(service: Service, caller: Caller, name: str, text: str) -> None:
    """Store the config of a project."""
    hosted = hosted_of(service, caller, name, "admin")
    configs.set_config(service, hosted, text)
    audit(service, caller, hosted, "config.set")


def field_of(service: Service, caller: Caller, name: str, section: str, field: str) -> str:
    """Return a field of the config of a project."""
    hosted = hosted_of(service, caller, name, "admin")
    return configs.get_field(service, hosted, section, field)


def set_field(
    service: Service, caller: Caller, name: str, section: str, field: str, value: str
) -> None:
    """Set a field of the config of a project."""
    hosted = hosted_of(service, caller, name, "admin")
    configs.set_field(service, hosted, section, field, value)
    audit(service, caller, hosted, "config.set", f"{section}.{field}")


def env_of(service: Service, caller: Caller, name: str) -> str:
    """Return the env of a project."""
    hosted = hosted_of(service, caller, name, "admin")
    return kept.env_text(service.directory(hosted.project))


def set_env(service: Service, caller: Caller, name: str, text: str) -> None:
    """Store the env of a project."""
    hosted = hosted_of(service, caller, name, "admin")
    env.set_env(service.directory(hosted.project), text)
    audit(service, caller, hosted, "env.set")


def env_value_of(service: Service, caller: Caller, name: str, key: str) -> str:
    """Return a value of the env of a project."""
    hosted = hosted_of(service, caller, name, "admin")
    return env.env_value(service.directory(hosted.project), key)


def set_env_value(service: Service, caller: Caller, name: str, key: str, value: str) -> None:
    """Set a value of the env of a project."""
    hosted = hosted_of(service, caller, name, "admin")
    env.set_env_value(service.directory(hosted.project), key, value)
    audit(service, caller, hosted, "env.set", key)


def put_file(service: Service, caller: Caller, name: str, path: str, value: str) -> None:
    """Store a file of a project; `value` is its content in base64."""
    hosted = hosted_of(service, caller, name, "register")
    content = files.decoded(value, service.settings.most_file_bytes)
    files.put_file(service.project(hosted.project), path, content)
    audit(service, caller, hosted, "file.put", path)


def encoded_file(service: Service, caller: Caller, name: str, path: str) -> str:
    """Return the content of a file of a project in base64."""
    return files.read_encoded(_readable(service, caller, name, path), path)


def file_of(service: Service, caller: Caller, name: str, path: str) -> Path:
    """Return where a file of a project lies, to be streamed."""
    return files.found_file(_readable(service, caller, name, path), path)


def _readable(service: Service, caller: Caller, name: str, path: str) -> Project:
    """Return a project, if a caller may read a file of it: definitions as their operations say."""
    hosted = hosted_of(service, caller, name, "read")
    project = service.project(hosted.project)
    if files.is_definition(project, path):
        caller.need("register")
    return project


def delete_file(service: Service, caller: Caller, name: str, path: str) -> None:
    """Delete a file of a project."""
    hosted = hosted_of(service, caller, name, "register")
    files.delete_file(service.project(hosted.project), path)
    audit(service, caller, hosted, "file.delete", path)
