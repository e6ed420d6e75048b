"""Projects, standards, bodies, certificates, recognition, citations and consequences, with their registers."""

from alembic import op

from services.standards.domain import lifecycles
from shared.database.migrating import AGGREGATE_COLUMNS, REGISTER_COLUMNS, open_schema, protect, publish_register
from shared.rules.lifecycle import Lifecycle

revision = "standards_0001"
down_revision = None

RIGHTS = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    """Expand."""
    open_schema("standards")
    _projects()
    _consultations()
    _standards()
    _bodies()
    _certificates()
    _recognitions()
    _consequences()
    _checks()


def _aggregate(name: str, lifecycle: Lifecycle, *, columns: str) -> None:
    state = f"state text NOT NULL CHECK ({lifecycle.check_sql()})"
    op.execute(f"CREATE TABLE standards.{name} ({AGGREGATE_COLUMNS}, {state}, {columns})")
    op.execute(f"CREATE INDEX ix_{name}_order ON standards.{name} (tenant_id, created_at DESC, id DESC)")
    protect(f"standards.{name}", rights=RIGHTS)


def _register(name: str, columns: str = "") -> None:
    op.execute(f"CREATE TABLE standards.{name}_register ({REGISTER_COLUMNS}{columns})")
    publish_register(f"standards.{name}_register")


def _projects() -> None:
    _aggregate("projects", lifecycles.PROJECT_LIFECYCLE, columns="""standard_kind text NOT NULL, title_zh text NOT NULL,
        title_en text, subject text NOT NULL, issuers jsonb NOT NULL, text jsonb NOT NULL, sheet jsonb NOT NULL,
        effective_from date NOT NULL, replaces uuid[] NOT NULL, merged_from jsonb NOT NULL,
        comment_round integer NOT NULL, comments_until date, content_hash text NOT NULL, proposer uuid NOT NULL,
        signatures jsonb NOT NULL, refused_by uuid, reason_digest text, standard_id uuid""")  # fmt: skip


def _consultations() -> None:
    _aggregate("consultations", lifecycles.CONSULTATION_LIFECYCLE, columns="""project_id uuid NOT NULL,
        comment_round integer NOT NULL, standard_kind text NOT NULL, title_zh text NOT NULL, title_en text,
        subject text NOT NULL, issuers jsonb NOT NULL, text jsonb NOT NULL, sheet jsonb NOT NULL, tenant uuid NOT NULL,
        opened_at timestamptz NOT NULL, closes_on date NOT NULL""")  # fmt: skip
    _register("consultations", ", status text NOT NULL GENERATED ALWAYS AS (state->>'state') STORED")
    op.execute("CREATE INDEX ix_consultations_register_status ON standards.consultations_register (status, id)")
    _aggregate("comments", lifecycles.COMMENT_LIFECYCLE, columns="""project_id uuid NOT NULL,
        comment_round integer NOT NULL,
        author uuid, clause text, text_digest text NOT NULL, verdict text, answer_digest text""")  # fmt: skip
    op.execute(
        "CREATE INDEX ix_comments_project ON standards.comments (tenant_id, project_id, created_at DESC, id DESC)"
    )


def _standards() -> None:
    _aggregate("standards", lifecycles.STANDARD_LIFECYCLE, columns="""spells jsonb NOT NULL,
        standard_kind text NOT NULL,
        title_zh text NOT NULL, title_en text, subject text NOT NULL, tenant uuid NOT NULL, issuers jsonb NOT NULL,
        numbers text[] NOT NULL, text jsonb NOT NULL, sheet jsonb NOT NULL, content_hash text NOT NULL,
        project_id uuid NOT NULL, signatures jsonb NOT NULL, replaces uuid[] NOT NULL, released_at timestamptz NOT NULL,
        effective_from date NOT NULL, ends jsonb, reason_digest text""")  # fmt: skip
    _register("standards", """, status text NOT NULL GENERATED ALWAYS AS (state->>'state') STORED,
        subject text NOT NULL GENERATED ALWAYS AS (state->>'subject') STORED,
        released_at text NOT NULL GENERATED ALWAYS AS (state->>'released_at') STORED""")  # fmt: skip
    op.execute(
        "CREATE INDEX ix_standards_register_numbers ON standards.standards_register USING gin ((state->'numbers'))"
    )
    op.execute("CREATE INDEX ix_standards_register_subject ON standards.standards_register (subject, id)")
    op.execute("CREATE INDEX ix_standards_register_order ON standards.standards_register (released_at DESC, id DESC)")


def _bodies() -> None:
    _aggregate("bodies", lifecycles.BODY_LIFECYCLE, columns="""spells jsonb NOT NULL, tenant uuid NOT NULL,
        organisation uuid, code text NOT NULL, name_zh text NOT NULL, name_en text, grants jsonb NOT NULL,
        reason_digest text""")  # fmt: skip
    _register("bodies", ", code text NOT NULL GENERATED ALWAYS AS (state->>'code') STORED")
    op.execute("CREATE INDEX ix_bodies_register_code ON standards.bodies_register (code, id)")


def _certificates() -> None:
    _aggregate("certificates", lifecycles.CERTIFICATE_LIFECYCLE, columns="""spells jsonb NOT NULL, tenant uuid NOT NULL,
        number text NOT NULL, body_id uuid NOT NULL, standard_id uuid NOT NULL, holder jsonb NOT NULL,
        products jsonb NOT NULL, methods text[] NOT NULL, valid_from date NOT NULL,
        valid_to date NOT NULL CHECK (valid_to >= valid_from), report jsonb NOT NULL, based_on text[] NOT NULL,
        replaces text, replaced_by text, reason_digest text, UNIQUE (tenant_id, number)""")  # fmt: skip
    for column in ("body_id", "standard_id"):
        op.execute(f"CREATE INDEX ix_certificates_{column} ON standards.certificates (tenant_id, {column}, id)")
    op.execute("CREATE INDEX ix_certificates_holder ON standards.certificates (tenant_id, (holder->>'code'))")
    _register("certificates", """, tenant uuid NOT NULL GENERATED ALWAYS AS ((state->>'tenant')::uuid) STORED,
        standard_id uuid NOT NULL GENERATED ALWAYS AS ((state->>'standard_id')::uuid) STORED,
        body_id uuid NOT NULL GENERATED ALWAYS AS ((state->>'body_id')::uuid) STORED""")  # fmt: skip
    for column in ("body_id", "standard_id"):
        op.execute(f"CREATE INDEX ix_certificates_register_{column} ON standards.certificates_register ({column}, id)")
    # Which certificates are based on one: few are, and those that are not leave one entry here in all.
    op.execute("""CREATE INDEX ix_certificates_register_based_on
        ON standards.certificates_register USING gin ((state->'based_on'))""")
    op.execute("""CREATE TABLE standards.printings (
        tenant_id uuid NOT NULL, certificate_id uuid NOT NULL, version integer NOT NULL, sha256 text, size integer,
        made_at timestamptz, PRIMARY KEY (tenant_id, certificate_id))""")
    protect("standards.printings", rights=RIGHTS)


def _recognitions() -> None:
    _aggregate("recognitions", lifecycles.RECOGNITION_LIFECYCLE, columns="""spells jsonb NOT NULL,
        title_zh text NOT NULL,
        title_en text, recogniser uuid NOT NULL, recognised uuid NOT NULL, mutual boolean NOT NULL,
        edition integer NOT NULL, items jsonb NOT NULL, pending jsonb, consent jsonb, ends_on date, ends jsonb NOT NULL,
        suspended_by uuid, objections jsonb NOT NULL, reason_digest text""")  # fmt: skip
    for column in ("recogniser", "recognised"):
        op.execute(f"CREATE INDEX ix_recognitions_{column} ON standards.recognitions (tenant_id, {column}, id)")


def _consequences() -> None:
    op.execute("""CREATE TABLE standards.citations (
        tenant_id uuid NOT NULL, reference text NOT NULL, citing_kind text NOT NULL, citing_id uuid NOT NULL,
        cited_id uuid, since timestamptz NOT NULL, PRIMARY KEY (tenant_id, reference, citing_kind, citing_id))""")
    op.execute("CREATE INDEX ix_citations_citing ON standards.citations (tenant_id, citing_kind, citing_id)")
    op.execute("CREATE INDEX ix_citations_cited ON standards.citations (tenant_id, cited_id)")
    protect("standards.citations")
    _aggregate("consequences", lifecycles.CONSEQUENCE_LIFECYCLE, columns="""purpose text NOT NULL,
        cause_kind text NOT NULL,
        cause_id uuid NOT NULL, cause_key text NOT NULL, cause_at text NOT NULL, cause_state text NOT NULL,
        origin uuid NOT NULL, dependant_kind text NOT NULL, dependant_id uuid NOT NULL, reference text NOT NULL,
        due_on date NOT NULL, escalations integer NOT NULL, outcome text, reason_digest text""")  # fmt: skip
    op.execute(
        "CREATE INDEX ix_consequences_cause ON standards.consequences (tenant_id, cause_id, created_at DESC, id DESC)"
    )


def _checks() -> None:
    op.execute("""CREATE TABLE standards.checks (
        tenant_id uuid NOT NULL, id bigint GENERATED BY DEFAULT AS IDENTITY, number text NOT NULL,
        asked_in uuid NOT NULL, asked_for text, as_of timestamptz NOT NULL, known_at timestamptz NOT NULL,
        asked_at timestamptz NOT NULL, counts boolean NOT NULL, PRIMARY KEY (tenant_id, id))""")
    op.execute("CREATE INDEX ix_checks_asked ON standards.checks (tenant_id, asked_at, id)")
    protect("standards.checks", rights="SELECT, INSERT, DELETE")
