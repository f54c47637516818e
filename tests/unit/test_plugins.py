"""Code of one's own is found, imported, and known file by file."""

import pytest
from own_code import LAB, forgotten, write

from pgpipe.estimators.parts import read_part
from pgpipe.jobs.imports import checksums, code_of, digest, plugins_of
from pgpipe.plugins.finding import ALLOWED, find_plugin, mentioned
from pgpipe.plugins.loading import import_named, import_plugin, places, use
from pgpipe.plugins.marked import marked_functions
from pgpipe.plugins.plugin import PluginError
from pgpipe.plugins.registering import registers


@pytest.fixture(autouse=True)
def _forgotten():
    with forgotten():
        yield


@pytest.fixture
def lab(tmp_path):
    """The package of `own_code`, in use and imported."""
    plugin = find_plugin("./own_lab", write(tmp_path, LAB))
    use([plugin])
    import_plugin(plugin)
    return plugin


def test_a_path_is_one_from_the_folder_that_names_it(tmp_path):
    write(tmp_path, {**LAB, "deeper/own_more.py": ""})
    assert find_plugin("./own_lab", tmp_path).path == tmp_path / "own_lab"
    assert find_plugin("../own_lab/", tmp_path / "deeper").path == tmp_path / "own_lab"
    more = find_plugin("deeper/own_more.py", tmp_path)
    assert (more.name, more.kind, more.source) == ("own_more", "path", tmp_path / "deeper/own_more.py")


def test_an_installed_package_goes_by_its_name(tmp_path):
    plugin = find_plugin("snakemake", tmp_path)
    assert plugin.kind == "installed"
    assert plugin.source.is_file()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("./own_lob", "which is no plugin at {folder}/own_lob; did you mean 'own_lab'? " + ALLOWED),
        ("own_mor.py", "which is no plugin at {folder}/own_mor.py; did you mean 'own_more.py'? " + ALLOWED),
        ("./notes.txt", "which is no plugin at {folder}/notes.txt. " + ALLOWED),
        ("./own_lab/baselines", "a folder without __init__.py. " + ALLOWED),
        ("own_lab", "which is not installed; did you mean './own_lab'? " + ALLOWED),
        ("own_more", "which is not installed; did you mean './own_more.py'? " + ALLOWED),
        ("snakemaek", "which is not installed; did you mean 'snakemake'? " + ALLOWED),
        ("./random.py", "whose name Python or pgpipe has already; allowed: another name"),
        ("pgpipe", "whose name Python or pgpipe has already; allowed: another name"),
        ("./own-lab.py", "allowed: a name of letters, digits and _, as Python imports it"),
    ],
)
def test_what_is_no_plugin_is_an_error_in_a_line(tmp_path, text, problem):
    write(tmp_path, {**LAB, "own_more.py": "", "notes.txt": "", "random.py": "", "own-lab.py": ""})
    with pytest.raises(PluginError) as error:
        find_plugin(text, tmp_path, "mine.yaml: plugins")
    said = str(error.value).replace("; allowed: a name of", ", allowed: a name of")
    assert said == f"mine.yaml: plugins: found '{text}', {problem.format(folder=tmp_path)}"


def test_a_name_that_something_installed_has_is_refused(tmp_path):
    write(tmp_path, {"pandas.py": ""})
    with pytest.raises(PluginError, match=r"found './pandas.py', whose name .*pandas has already; allowed"):
        find_plugin("./pandas.py", tmp_path)


def test_two_plugins_of_one_name_are_refused(tmp_path):
    write(tmp_path, {"a/own_more.py": "", "b/own_more.py": ""})
    plugins = [find_plugin(f"./{folder}/own_more.py", tmp_path) for folder in "ab"]
    with pytest.raises(PluginError, match=r"b/own_more.py, but 'own_more' is .*a/own_more.py already"):
        use(plugins)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import own_nothing", "ModuleNotFoundError: No module named 'own_nothing' (own_more.py, line 1)"),
        ("x = 1\nraise SystemExit(3)", "SystemExit: 3 (own_more.py, line 2)"),
        ("raise ValueError('two\\nlines')", "ValueError: two lines (own_more.py, line 1)"),
    ],
)
def test_whatever_fails_on_import_is_said_in_a_line(tmp_path, text, said):
    write(tmp_path, {"own_more.py": text})
    plugin = find_plugin("./own_more.py", tmp_path, "mine.yaml: plugins")
    use([plugin])
    with pytest.raises(PluginError) as error:
        import_plugin(plugin)
    assert str(error.value) == f"mine.yaml: plugins: './own_more.py': own_more cannot be imported: {said}"


def test_an_id_that_is_there_already_is_refused(tmp_path):
    text = "import gymnasium\ngymnasium.register(id='CartPole-v1', entry_point='own_more:Cart')"
    plugin = find_plugin("./own_more.py", write(tmp_path, {"own_more.py": text}))
    use([plugin])
    with (
        pytest.warns(UserWarning, match="Overriding"),
        pytest.raises(PluginError, match="registers 'CartPole-v1', which is there already; allowed"),
    ):
        import_plugin(plugin)


def test_code_beside_what_is_used_does_not_count(lab):
    """A baseline has nothing to do with the environments that its package registers, nor they with it."""
    assert code_of("own_lab.baselines.own_half") == [
        "own_lab/__init__.py", "own_lab/baselines/own_half.py", "own_lab/tools.py",
    ]  # fmt: skip
    assert code_of("gymnasium:OwnLab/Countdown-v0") == ["own_lab/__init__.py", "own_lab/envs.py"]
    assert plugins_of("gymnasium:OwnLab/Countdown-v0") == ["own_lab"]
    assert plugins_of("pgpipe.seeding") == []


def test_what_is_taken_from_a_package_itself_counts(tmp_path):
    files = {
        "own_lab/__init__.py": "from own_lab.first import one",
        "own_lab/first.py": "one = 1",
        "own_lab/second.py": "from . import one",
        "own_lab/third.py": "from own_lab.second import one as first\nimport own_beside",
        "own_beside.py": "from pgpipe.nearest import nearest_name",
    }
    use([find_plugin("./own_lab", write(tmp_path, files))])
    assert code_of("own_lab.third") == [
        "own_beside.py", "own_lab/__init__.py", "own_lab/first.py", "own_lab/second.py", "own_lab/third.py",
        "pgpipe/__init__.py", "pgpipe/nearest.py",
    ]  # fmt: skip


def test_a_registration_is_code(lab):
    """How long an episode is stands in no file of the environment's."""
    import gymnasium

    entry = "gymnasium:OwnLab/Countdown-v0"
    before = checksums(entry)[entry]
    gymnasium.registry["OwnLab/Countdown-v0"].max_episode_steps = 6
    assert checksums(entry)[entry] != before


def test_code_is_the_same_in_another_folder(tmp_path):
    found = []
    for folder in ("here", "some/where else"):
        with forgotten():
            plugin = find_plugin("./own_lab", write(tmp_path / folder, LAB))
            use([plugin])
            import_plugin(plugin)
            digest.cache_clear()
            found.append(digest("own_lab.baselines.own_half", "gymnasium:OwnLab/Countdown-v0"))
    assert found[0] == found[1]


def test_a_job_finds_its_plugins_by_their_names(lab, monkeypatch):
    monkeypatch.setenv("PGPIPE_PLUGINS", places())
    import_named(["own_lab"])
    assert code_of("own_lab.tools") == ["own_lab/__init__.py", "own_lab/tools.py"]
    import_named([])
    with pytest.raises(FileNotFoundError, match=r"^'own_lab.tools' is neither"):
        code_of("own_lab.tools")
    with pytest.raises(PluginError, match="nobody says where 'own_other' is"):
        import_named(["own_other"])


def test_marks_are_found_whatever_they_are_called(tmp_path):
    text = """
        import pgpipe.own
        from pgpipe import baseline, signal as credit
        from somewhere import importance

        @baseline
        def own_a(credit, mask): ...
        @baseline(source="others")
        def own_b(credit, mask): ...
        @pgpipe.own.baseline
        def own_c(credit, mask): ...
        @pgpipe.baseline
        def own_f(credit, mask): ...
        @credit(whole_trajectory=True)
        def own_d(trajectories): ...
        @importance
        def own_e(log_ratios): ...
        """
    plugin = find_plugin("./own_more.py", write(tmp_path, {"own_more.py": text}))
    assert marked_functions(plugin, "baselines") == ["own_a", "own_b", "own_c", "own_f"]
    assert marked_functions(plugin, "signals") == ["own_d"]
    assert marked_functions(plugin, "importance") == []
    use([plugin])
    assert read_part("baselines", "own_b").facts.source == "others"
    assert read_part("signals", "own_d").facts.whole_trajectory


def test_what_pgpipe_gives_comes_from_where_it_is_made(tmp_path):
    """Marks are in a file without torch; who takes the rest depends on all that is behind it."""
    files = {
        "own_marked.py": "from pgpipe import baseline, network",
        "own_whole.py": "import pgpipe",
        "own_taking.py": "from pgpipe import collect",
    }
    use([find_plugin(f"./{name}", write(tmp_path, files)) for name in files])
    marked = code_of("own_marked")
    assert {"pgpipe/own.py", "pgpipe/network.py"} <= set(marked)
    assert "pgpipe/api.py" not in marked
    assert "pgpipe/api.py" in code_of("own_whole")
    assert "pgpipe/api.py" in code_of("own_taking")


def test_only_what_may_register_environments_is_imported_at_once(tmp_path):
    write(tmp_path, {**LAB, "own_more.py": "import torch", "own_third.py": "import own_lab"})
    assert registers(find_plugin("./own_lab", tmp_path))
    assert not registers(find_plugin("./own_more.py", tmp_path))
    assert registers(find_plugin("./own_third.py", tmp_path))


def test_what_an_id_mentions_is_a_plugin_unless_it_is_everybodys():
    assert (
        mentioned("pgpipe.envs", "") is mentioned("gymnasium.envs", "") is mentioned("own_none", "") is None
    )
    found = mentioned("snakemake.api", "")
    assert found is not None
    assert (found.name, found.kind) == ("snakemake", "mentioned")
