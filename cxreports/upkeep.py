"""What is done to a lake besides runs: quarantined records are read again, the key of the pseudonyms is rotated."""

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from cxreports.errors import NoDataError
from cxreports.intake import privacy
from cxreports.intake.intake import take_in
from cxreports.key import add_key
from cxreports.lake import attempts, landing
from cxreports.lake.engine import allow_spill, bound_memory, connect
from cxreports.lake.rekey import rekey
from cxreports.lake.store import Commit
from cxreports.lake.write import commit_new
from cxreports.pipeline import Project, Tell, new_counts, refuse_another_key, refuse_the_past, seen_objects
from cxreports.received import known_source


@dataclass(frozen=True)
class RetryResult:
    """What reading quarantined records again did. `read_anew`: records that came out differently; `left`: files that are now
    cut into other records than those that were loaded of them, and therefore stay as they are."""

    commit: Commit
    read_anew: int
    mended: int
    left: tuple[str, ...]


def retry(project: Project, as_of: datetime, tell: Tell, source: str | None = None) -> RetryResult:
    """Read the files of quarantined records again, after a definition or a setting was mended; load what can be read now.

    A mended record becomes known at `as_of`: what was reported before stays as it was.
    """
    known_source(project, source)
    with project.lake.lock(), project.lake.scratch() as scratch, closing(connect()) as con:
        head = project.lake.head()
        if head is None:
            raise NoDataError(f"{project.lake.root}: nothing has been loaded yet; 'cxreports run' does")
        refuse_another_key(project, head)
        refuse_the_past(head, as_of)
        bound_memory(con)
        landing.attach_staged(con, project.lake, head)
        only = attempts.quarantined_files(con, source)
        holding = landing.with_archives(con, only)
        objects = {at: o for at, o in seen_objects(con).items() if (o.source, o.file_id) in holding}
        basis = (project.folder, project.settings, project.catalogue, project.key)
        take_in(con, *basis, set(), as_of, tell, only=only, scratch=scratch, objects=objects)
        allow_spill(con, project.lake.root / "spill")
        left = tuple(attempts.narrow_to_retried(con))
        _, n_anew, n_bad = new_counts(con)
        if n_anew:
            head = commit_new(con, project.lake, head, project.basis, as_of)
        return RetryResult(head, n_anew, n_anew - n_bad, left)


def rotate_key(project: Project, new_key: str) -> Commit:
    """Add a key, make every stored pseudonym anew with it, and remove all that holds the old ones.

    Killed at any point, the same command finishes it: the key is added first, and nothing is removed before the commit.
    """
    with project.lake.lock(), closing(connect()) as con:
        head = project.lake.head()
        if head is None:
            raise NoDataError(f"{project.lake.root}: nothing has been loaded yet: simply put another key in place of the first")
        added = privacy.added_since(project.key, head.key_check or privacy.key_check(project.key))
        if added is None:
            refuse_another_key(project, head)
        is_unfinished = head.rekeyed_from is not None and head.parent is None and len(project.lake.commits()) > 1
        if not added and is_unfinished:  # killed while it removed the old commits
            project.lake.forget_before(head)
            return head
        if not added:
            key = add_key(project.settings, project.folder, new_key)
            added, project = [key.split(b"\n")[-1]], replace(project, key=key)
        allow_spill(con, project.lake.root / "spill")
        privacy.install_rekey(con, added or [])
        commit = rekey(con, project.lake, head, project.basis)
        project.lake.forget_before(commit)
        return commit
