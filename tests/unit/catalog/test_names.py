"""Names of files and groups: made, removed, made again; their directory follows."""

NOW = "2026-11-21T07:12:00.000000+00:00"


def lock(names, name):
    with names.database.writing() as connection:
        return names.lock(connection, name, NOW)


def test_a_name_is_new_once(catalog):
    assert lock(catalog.files, "orders")
    assert not lock(catalog.files, "orders")
    assert catalog.files.exists("orders")


def test_files_and_groups_have_names_of_their_own(catalog):
    lock(catalog.files, "orders")
    lock(catalog.groups, "checks")

    assert catalog.files.all() == ["orders"]
    assert catalog.groups.all() == ["checks"]
    assert not catalog.groups.exists("orders")


def test_a_removed_name_is_gone_and_comes_back_new(catalog):
    files = catalog.files
    lock(files, "orders")
    with files.database.writing() as connection:
        files.define(connection, "orders", '{"template": ":1/:filename"}')
        assert files.remove(connection, "orders", NOW)
        assert not files.remove(connection, "orders", NOW)

    assert not files.exists("orders")
    assert files.all() == []
    assert lock(files, "orders")
    assert files.definition("orders") == "{}"


def test_what_the_directory_is_behind_with_is_noted(catalog):
    files = catalog.files
    lock(files, "orders")
    assert files.unwritten() == ["orders"]
    with files.database.writing() as connection:
        files.note_written(connection, "orders")
        assert files.is_written(connection, "orders")
        assert not files.is_left(connection, "orders")
    assert files.unwritten() == []

    with files.database.writing() as connection:
        files.define(connection, "orders", '{"a": 1}')
    assert files.unwritten() == ["orders"]

    with files.database.writing() as connection:
        files.remove(connection, "orders", NOW)
        assert files.is_left(connection, "orders")
        files.note_written(connection, "orders")
        assert not files.is_left(connection, "orders")


def test_a_name_that_never_was_is_not_left(catalog):
    with catalog.database.writing() as connection:
        assert not catalog.files.is_left(connection, "nobody")
        assert not catalog.files.is_written(connection, "nobody")
        assert not catalog.files.remove(connection, "nobody", NOW)
