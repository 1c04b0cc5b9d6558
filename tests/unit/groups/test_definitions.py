"""definition.json of groups: both forms of `_config`, and what is refused."""

from __future__ import annotations

import pytest

from preboard.errors import ConfigError, NameRefused
from preboard.groups.definitions import checked_definition, settings_in, with_settings


def config(**settings):
    return {"g": ["a.csvpath"], "_config": {"groups": {"g": settings}}}


def test_without_one_a_group_is_listed_with_nothing():
    assert checked_definition("g", {}) == ({"g": []}, [])


def test_the_whole_json_is_kept_also_what_it_says_of_other_groups():
    given = {
        "g": ["a.csvpath"],
        "other": ["b.csvpath"],
        "_config": {"groups": {"other": {"template": ":1/:run_dir"}}},
    }
    assert checked_definition("g", given) == (given, [])
    assert settings_in("g", given) == {}


def test_the_older_form_is_converted():
    definition, warnings = checked_definition(
        "g",
        {
            "g": [],
            "_config": {
                "g": {
                    "template": ":1/:run_dir",
                    "on_complete_all_script": "all.sh",
                    "on_complete_error_webhook": "a > b",
                    "all_webhook_url": "https://all",
                    "on_complete_error_webhook_url": "https://error",
                }
            },
        },
    )
    assert warnings == []
    assert settings_in("g", definition) == {
        "template": ":1/:run_dir",
        "scripts": {"on_complete_all": "all.sh"},
        "webhooks": {
            "on_complete_error": {"payload": "a > b", "url": "https://error"},
            "on_complete_all": {"url": "https://all"},
        },
    }


def test_the_newer_form_wins_over_the_older_one():
    given = config(template=":2/:run_dir")
    given["_config"]["g"] = {"template": ":1/:run_dir"}
    assert settings_in("g", checked_definition("g", given)[0]) == {"template": ":2/:run_dir"}


def test_keys_that_are_not_known_are_told():
    given = config(tempalte=":1/:run_dir")
    given["_config"]["g"] = {"on_monday_script": "x"}
    given["_config"]["nobody"] = {}
    _, warnings = checked_definition("g", given)
    assert warnings == [
        "_config: 'nobody' is no group here",
        "_config.g: 'on_monday_script' is not known",
        "_config.groups.g: 'tempalte' is not known",
    ]


REFUSED = {
    "config is a list": {"_config": []},
    "groups is a list": {"_config": {"groups": []}},
    "the group is a text": {"_config": {"groups": {"g": "x"}}},
    "the older form is a text": {"_config": {"g": "x"}},
    "a template that is no text": config(template=3),
    "scripts is a list": config(scripts=["a.sh"]),
    "a script on no occasion": config(scripts={"on_monday": "a.sh"}),
    "a script that is no text": config(scripts={"on_complete_all": ["a.sh"]}),
    "a hook that is a text": config(webhooks={"on_complete_all": "https://x"}),
    "a hook with another key": config(webhooks={"on_complete_all": {"uri": "https://x"}}),
    "a destination with another key": config(destinations={"x": {"host": "h"}}),
    "transfers is a text": config(transfers="x"),
    "something that is no JSON": {"g": [object()]},
    "not a number": {"g": [float("nan")]},
    "too long": {"g": ["x" * 1_000_001]},
}


@pytest.mark.parametrize("definition", REFUSED.values(), ids=REFUSED)
def test_what_has_not_the_form_is_refused(definition):
    with pytest.raises(ConfigError):
        checked_definition("g", definition)


@pytest.mark.parametrize("template", ["../:run_dir", "x", "/etc/:run_dir", ":1/:filename"])
def test_a_template_that_leads_elsewhere_is_refused(template):
    with pytest.raises(NameRefused):
        checked_definition("g", config(template=template))


def test_null_is_as_if_it_were_not_there():
    given = config(scripts={"on_complete_all": None}, webhooks=None, template=None)
    assert checked_definition("g", given)[1] == []


def test_settings_of_one_group_leave_the_others():
    given = {"g": [], "_config": {"groups": {"h": {"template": ":1/:run_dir"}}}}
    changed = with_settings("g", given, {"scripts": {}})
    assert changed["_config"]["groups"] == {"h": {"template": ":1/:run_dir"}, "g": {"scripts": {}}}
    assert with_settings("h", given, {}) == {"g": []}
