CREATE TABLE accounts (
	account TEXT COLLATE "C" NOT NULL, 
	place INTEGER NOT NULL, 
	is_paper BOOLEAN NOT NULL, 
	currency TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (account)
)
;
CREATE TABLE artifacts (
	sha256 TEXT COLLATE "C" NOT NULL, 
	size BIGINT NOT NULL, 
	media_type TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_artifacts PRIMARY KEY (sha256)
)
;
CREATE TABLE audit (
	seq BIGINT NOT NULL, 
	previous TEXT COLLATE "C" NOT NULL, 
	hash TEXT COLLATE "C" NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	actor TEXT COLLATE "C" NOT NULL, 
	kind TEXT COLLATE "C" NOT NULL, 
	ref TEXT COLLATE "C" NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (seq), 
	CONSTRAINT uq_audit_previous UNIQUE (previous), 
	CONSTRAINT uq_audit_hash UNIQUE (hash)
)
;
CREATE INDEX ix_audit_ref ON audit (ref)
;
CREATE TABLE audit_head (
	one INTEGER NOT NULL CONSTRAINT ck_audit_head_only CHECK (one = 1), 
	seq BIGINT NOT NULL, 
	hash TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_audit_head PRIMARY KEY (one)
)
;
CREATE TABLE balances (
	account TEXT COLLATE "C" NOT NULL, 
	net_liquidation NUMERIC(38, 8) NOT NULL, 
	cash NUMERIC(38, 8) NOT NULL, 
	settled_cash NUMERIC(38, 8), 
	available_funds NUMERIC(38, 8), 
	currency TEXT COLLATE "C" NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_balances PRIMARY KEY (account)
)
;
CREATE TABLE breaks (
	id BIGSERIAL NOT NULL, 
	account TEXT COLLATE "C" NOT NULL, 
	conid BIGINT NOT NULL, 
	symbol TEXT COLLATE "C" NOT NULL, 
	broker_quantity NUMERIC(38, 8) NOT NULL, 
	derived_quantity NUMERIC(38, 8) NOT NULL, 
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	cause TEXT COLLATE "C" NOT NULL, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_breaks PRIMARY KEY (id)
)
;
CREATE UNIQUE INDEX one_open_break ON breaks (account, conid) WHERE closed_at IS NULL
;
CREATE TABLE broker_positions (
	account TEXT COLLATE "C" NOT NULL, 
	conid BIGINT NOT NULL, 
	symbol TEXT COLLATE "C" NOT NULL, 
	quantity NUMERIC(38, 8) NOT NULL, 
	average_cost NUMERIC(38, 8) NOT NULL, 
	market_price NUMERIC(38, 8), 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_broker_positions PRIMARY KEY (account, conid)
)
;
CREATE TABLE calls (
	call BIGSERIAL NOT NULL, 
	purpose TEXT COLLATE "C" NOT NULL, 
	method TEXT COLLATE "C" NOT NULL, 
	path TEXT COLLATE "C" NOT NULL, 
	request TEXT COLLATE "C" NOT NULL, 
	status INTEGER, 
	response_sha256 TEXT COLLATE "C", 
	response_digest TEXT COLLATE "C" NOT NULL, 
	error TEXT COLLATE "C" NOT NULL, 
	started_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	machine_ms INTEGER NOT NULL, 
	CONSTRAINT pk_calls PRIMARY KEY (call)
)
;
CREATE INDEX ix_calls_purpose ON calls (purpose, call)
;
CREATE TABLE commands (
	command TEXT COLLATE "C" NOT NULL, 
	kind TEXT COLLATE "C" NOT NULL, 
	argument TEXT COLLATE "C" NOT NULL, 
	actor TEXT COLLATE "C" NOT NULL, 
	requested_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	done_at TIMESTAMP WITH TIME ZONE, 
	result TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_commands PRIMARY KEY (command)
)
;
CREATE INDEX ix_commands_done_at ON commands (done_at, requested_at)
;
CREATE TABLE contract_rules (
	conid BIGINT NOT NULL, 
	fetched_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_contract_rules PRIMARY KEY (conid)
)
;
CREATE TABLE contracts (
	conid BIGINT NOT NULL, 
	symbol TEXT COLLATE "C" NOT NULL, 
	name TEXT COLLATE "C" NOT NULL, 
	sec_type TEXT COLLATE "C" NOT NULL, 
	exchange TEXT COLLATE "C" NOT NULL, 
	currency TEXT COLLATE "C" NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_contracts PRIMARY KEY (conid)
)
;
CREATE INDEX ix_contracts_symbol ON contracts (symbol)
;
CREATE TABLE executions (
	account TEXT COLLATE "C" NOT NULL, 
	execution TEXT COLLATE "C" NOT NULL, 
	revision INTEGER NOT NULL, 
	order_ref TEXT COLLATE "C", 
	broker_order_id TEXT COLLATE "C", 
	conid BIGINT NOT NULL, 
	symbol TEXT COLLATE "C" NOT NULL, 
	side TEXT COLLATE "C" NOT NULL, 
	quantity NUMERIC(38, 8) NOT NULL, 
	price NUMERIC(38, 8) NOT NULL, 
	commission NUMERIC(38, 8), 
	executed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_executions PRIMARY KEY (account, execution, revision)
)
;
CREATE INDEX ix_executions_conid ON executions (conid, executed_at)
;
CREATE TABLE halt (
	one INTEGER NOT NULL CONSTRAINT ck_halt_only CHECK (one = 1), 
	level INTEGER NOT NULL CONSTRAINT ck_halt_level CHECK (level between 0 and 6), 
	reason TEXT COLLATE "C" NOT NULL, 
	actor TEXT COLLATE "C" NOT NULL, 
	since TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_halt PRIMARY KEY (one)
)
;
CREATE TABLE indicator_sets (
	name TEXT COLLATE "C" NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_indicator_sets PRIMARY KEY (name)
)
;
CREATE TABLE leases (
	name TEXT COLLATE "C" NOT NULL, 
	owner TEXT COLLATE "C", 
	fence BIGINT NOT NULL, 
	until TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_leases PRIMARY KEY (name)
)
;
CREATE TABLE marks (
	conid BIGINT NOT NULL, 
	price NUMERIC(38, 8) NOT NULL, 
	marked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_marks PRIMARY KEY (conid)
)
;
CREATE TABLE notifications (
	key TEXT COLLATE "C" NOT NULL, 
	severity TEXT COLLATE "C" NOT NULL, 
	title TEXT COLLATE "C" NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	ref TEXT COLLATE "C" NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	sent_at TIMESTAMP WITH TIME ZONE, 
	attempts INTEGER NOT NULL, 
	acknowledged_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_notifications PRIMARY KEY (key)
)
;
CREATE INDEX ix_notifications_created_at ON notifications (created_at)
;
CREATE INDEX ix_notifications_sent_at ON notifications (sent_at, created_at)
;
CREATE TABLE one_time_links (
	token_sha256 TEXT COLLATE "C" NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	used_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_one_time_links PRIMARY KEY (token_sha256)
)
;
CREATE TABLE opening_balances (
	account TEXT COLLATE "C" NOT NULL, 
	net_liquidation NUMERIC(38, 8) NOT NULL, 
	cash NUMERIC(38, 8) NOT NULL, 
	settled_cash NUMERIC(38, 8), 
	available_funds NUMERIC(38, 8), 
	currency TEXT COLLATE "C" NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_opening_balances PRIMARY KEY (account)
)
;
CREATE TABLE openings (
	account TEXT COLLATE "C" NOT NULL, 
	conid BIGINT NOT NULL, 
	symbol TEXT COLLATE "C" NOT NULL, 
	quantity NUMERIC(38, 8) NOT NULL, 
	average_cost NUMERIC(38, 8) NOT NULL, 
	market_price NUMERIC(38, 8), 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_openings PRIMARY KEY (account, conid)
)
;
CREATE TABLE owner (
	one INTEGER NOT NULL CONSTRAINT ck_owner_only CHECK (one = 1), 
	password_hash TEXT COLLATE "C", 
	session_generation INTEGER NOT NULL, 
	CONSTRAINT pk_owner PRIMARY KEY (one)
)
;
CREATE TABLE paused_schedules (
	strategy TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_paused_schedules PRIMARY KEY (strategy)
)
;
CREATE TABLE prompt_versions (
	name TEXT COLLATE "C" NOT NULL, 
	number INTEGER NOT NULL, 
	language TEXT COLLATE "C" NOT NULL, 
	system TEXT COLLATE "C" NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	sha256 TEXT COLLATE "C" NOT NULL, 
	message TEXT COLLATE "C" NOT NULL, 
	author TEXT COLLATE "C" NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_prompt_versions PRIMARY KEY (name, number)
)
;
CREATE TABLE session_status (
	one INTEGER NOT NULL CONSTRAINT ck_session_status_only CHECK (one = 1), 
	epoch INTEGER NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_session_status PRIMARY KEY (one)
)
;
CREATE TABLE sign_in_failures (
	id BIGSERIAL NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_sign_in_failures PRIMARY KEY (id)
)
;
CREATE INDEX ix_sign_in_failures_at ON sign_in_failures (at)
;
CREATE TABLE snapshots (
	account TEXT COLLATE "C" NOT NULL, 
	session DATE NOT NULL, 
	equity NUMERIC(38, 8) NOT NULL, 
	cash NUMERIC(38, 8) NOT NULL, 
	market_value NUMERIC(38, 8) NOT NULL, 
	realised NUMERIC(38, 8) NOT NULL, 
	unrealised NUMERIC(38, 8) NOT NULL, 
	broker_equity NUMERIC(38, 8), 
	taken_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_snapshots PRIMARY KEY (account, session)
)
;
CREATE TABLE strategies (
	name TEXT COLLATE "C" NOT NULL, 
	state TEXT COLLATE "C" NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_strategies PRIMARY KEY (name)
)
;
CREATE TABLE watermarks (
	strategy TEXT COLLATE "C" NOT NULL, 
	instant TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_watermarks PRIMARY KEY (strategy)
)
;
CREATE TABLE commissions (
	account TEXT COLLATE "C" NOT NULL, 
	execution TEXT COLLATE "C" NOT NULL, 
	revision INTEGER NOT NULL, 
	commission NUMERIC(38, 8) NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_commissions PRIMARY KEY (account, execution, revision), 
	CONSTRAINT fk_commissions_account_execution_revision FOREIGN KEY(account, execution, revision) REFERENCES executions (account, execution, revision)
)
;
CREATE TABLE prompt_labels (
	name TEXT COLLATE "C" NOT NULL, 
	label TEXT COLLATE "C" NOT NULL, 
	number INTEGER NOT NULL, 
	CONSTRAINT pk_prompt_labels PRIMARY KEY (name, label), 
	CONSTRAINT fk_prompt_labels_name_number FOREIGN KEY(name, number) REFERENCES prompt_versions (name, number)
)
;
CREATE TABLE strategy_versions (
	name TEXT COLLATE "C" NOT NULL, 
	version INTEGER NOT NULL, 
	sha256 TEXT COLLATE "C" NOT NULL, 
	author TEXT COLLATE "C" NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_strategy_versions PRIMARY KEY (name, version), 
	CONSTRAINT fk_strategy_versions_name FOREIGN KEY(name) REFERENCES strategies (name)
)
;
CREATE TABLE slots (
	strategy TEXT COLLATE "C" NOT NULL, 
	instant TIMESTAMP WITH TIME ZONE NOT NULL, 
	version INTEGER NOT NULL, 
	state TEXT COLLATE "C" NOT NULL, 
	reason TEXT COLLATE "C" NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_slots PRIMARY KEY (strategy, instant), 
	CONSTRAINT fk_slots_strategy_version FOREIGN KEY(strategy, version) REFERENCES strategy_versions (name, version) DEFERRABLE INITIALLY DEFERRED
)
;
CREATE INDEX ix_slots_instant ON slots (instant)
;
CREATE TABLE strategy_contracts (
	name TEXT COLLATE "C" NOT NULL, 
	version INTEGER NOT NULL, 
	conid BIGINT NOT NULL, 
	account TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_strategy_contracts PRIMARY KEY (name, version, conid), 
	CONSTRAINT fk_strategy_contracts_name_version FOREIGN KEY(name, version) REFERENCES strategy_versions (name, version)
)
;
CREATE INDEX ix_strategy_contracts_owner ON strategy_contracts (account, conid)
;
CREATE TABLE runs (
	run TEXT COLLATE "C" NOT NULL, 
	kind TEXT COLLATE "C" NOT NULL, 
	strategy TEXT COLLATE "C" NOT NULL, 
	version INTEGER NOT NULL, 
	slot TIMESTAMP WITH TIME ZONE NOT NULL, 
	slot_strategy TEXT COLLATE "C", 
	conid BIGINT NOT NULL, 
	symbol TEXT COLLATE "C" NOT NULL, 
	account TEXT COLLATE "C" NOT NULL, 
	state TEXT COLLATE "C" NOT NULL, 
	reason TEXT COLLATE "C" NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	claimed_at TIMESTAMP WITH TIME ZONE, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	lease_owner TEXT COLLATE "C", 
	lease_until TIMESTAMP WITH TIME ZONE, 
	fence BIGINT NOT NULL, 
	losses INTEGER NOT NULL, 
	CONSTRAINT pk_runs PRIMARY KEY (run), 
	CONSTRAINT fk_runs_slot_strategy_slot FOREIGN KEY(slot_strategy, slot) REFERENCES slots (strategy, instant) DEFERRABLE INITIALLY DEFERRED
)
;
CREATE INDEX ix_runs_slot ON runs (slot)
;
CREATE INDEX ix_runs_state ON runs (state)
;
CREATE INDEX ix_runs_strategy ON runs (strategy, slot)
;
CREATE TABLE nodes (
	node TEXT COLLATE "C" NOT NULL, 
	kind TEXT COLLATE "C" NOT NULL, 
	entity TEXT COLLATE "C" NOT NULL, 
	run TEXT COLLATE "C", 
	content TEXT COLLATE "C" NOT NULL, 
	content_sha256 TEXT COLLATE "C" NOT NULL, 
	sha256 TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_nodes PRIMARY KEY (node), 
	CONSTRAINT fk_nodes_run FOREIGN KEY(run) REFERENCES runs (run) DEFERRABLE INITIALLY DEFERRED
)
;
CREATE INDEX ix_nodes_entity ON nodes (entity)
;
CREATE INDEX ix_nodes_run ON nodes (run)
;
CREATE TABLE signals (
	run TEXT COLLATE "C" NOT NULL, 
	strategy TEXT COLLATE "C" NOT NULL, 
	conid BIGINT NOT NULL, 
	slot TIMESTAMP WITH TIME ZONE NOT NULL, 
	action TEXT COLLATE "C" NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_signals PRIMARY KEY (run), 
	CONSTRAINT fk_signals_run FOREIGN KEY(run) REFERENCES runs (run)
)
;
CREATE INDEX ix_signals_slot ON signals (slot)
;
CREATE INDEX ix_signals_strategy ON signals (strategy, slot)
;
CREATE TABLE verdicts (
	seq BIGSERIAL NOT NULL, 
	run TEXT COLLATE "C" NOT NULL, 
	moment TEXT COLLATE "C" NOT NULL CONSTRAINT ck_verdicts_moment CHECK (moment in ('reserve', 'send')), 
	rule TEXT COLLATE "C" NOT NULL, 
	passed BOOLEAN NOT NULL, 
	denies BOOLEAN NOT NULL, 
	observed TEXT COLLATE "C" NOT NULL, 
	"limit" TEXT COLLATE "C" NOT NULL, 
	explanation TEXT COLLATE "C" NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_verdicts PRIMARY KEY (seq), 
	CONSTRAINT fk_verdicts_run FOREIGN KEY(run) REFERENCES runs (run)
)
;
CREATE INDEX ix_verdicts_run ON verdicts (run, seq)
;
CREATE TABLE intents (
	intent TEXT COLLATE "C" NOT NULL, 
	run TEXT COLLATE "C" NOT NULL, 
	leg TEXT COLLATE "C" NOT NULL, 
	parent TEXT COLLATE "C", 
	kind TEXT COLLATE "C" NOT NULL, 
	account TEXT COLLATE "C" NOT NULL, 
	strategy TEXT COLLATE "C" NOT NULL, 
	strategy_version INTEGER NOT NULL, 
	conid BIGINT NOT NULL, 
	side TEXT COLLATE "C" NOT NULL, 
	order_type TEXT COLLATE "C" NOT NULL, 
	quantity NUMERIC(38, 8) NOT NULL, 
	price NUMERIC(38, 8), 
	tif TEXT COLLATE "C" NOT NULL, 
	role TEXT COLLATE "C" NOT NULL, 
	window_opens TIMESTAMP WITH TIME ZONE NOT NULL, 
	window_closes TIMESTAMP WITH TIME ZONE NOT NULL, 
	reserved_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	target_order TEXT COLLATE "C", 
	parking BOOLEAN NOT NULL, 
	terms TEXT COLLATE "C", 
	state TEXT COLLATE "C" NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	note TEXT COLLATE "C" NOT NULL, 
	node TEXT COLLATE "C" NOT NULL, 
	signal TEXT COLLATE "C", 
	act TEXT COLLATE "C", 
	CONSTRAINT pk_intents PRIMARY KEY (intent), 
	CONSTRAINT ck_intents_node CHECK (node = 'intent:' || intent), 
	CONSTRAINT ck_intents_lineage CHECK ((signal = run AND act IS NULL) OR (signal IS NULL AND act = 'act:' || run)), 
	CONSTRAINT ck_intents_quantity CHECK (quantity > 0), 
	CONSTRAINT uq_intents_run_leg UNIQUE (run, leg), 
	CONSTRAINT uq_intents_intent_run_account_conid UNIQUE (intent, run, account, conid), 
	CONSTRAINT fk_intents_run FOREIGN KEY(run) REFERENCES runs (run), 
	CONSTRAINT fk_intents_parent FOREIGN KEY(parent) REFERENCES intents (intent), 
	CONSTRAINT fk_intents_node FOREIGN KEY(node) REFERENCES nodes (node) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT fk_intents_signal FOREIGN KEY(signal) REFERENCES signals (run) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT fk_intents_act FOREIGN KEY(act) REFERENCES nodes (node) DEFERRABLE INITIALLY DEFERRED
)
;
CREATE INDEX ix_intents_state ON intents (state)
;
CREATE UNIQUE INDEX one_open_decision ON intents (account, conid) WHERE leg = 'main' AND state IN ('awaiting_approval', 'queued', 'sent')
;
CREATE TABLE node_artifacts (
	node TEXT COLLATE "C" NOT NULL, 
	place INTEGER NOT NULL, 
	sha256 TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_node_artifacts PRIMARY KEY (node, place), 
	CONSTRAINT fk_node_artifacts_node FOREIGN KEY(node) REFERENCES nodes (node), 
	CONSTRAINT fk_node_artifacts_sha256 FOREIGN KEY(sha256) REFERENCES artifacts (sha256) DEFERRABLE INITIALLY DEFERRED
)
;
CREATE TABLE node_parents (
	node TEXT COLLATE "C" NOT NULL, 
	place INTEGER NOT NULL, 
	parent TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_node_parents PRIMARY KEY (node, place), 
	CONSTRAINT fk_node_parents_node FOREIGN KEY(node) REFERENCES nodes (node), 
	CONSTRAINT fk_node_parents_parent FOREIGN KEY(parent) REFERENCES nodes (node)
)
;
CREATE TABLE run_steps (
	run TEXT COLLATE "C" NOT NULL, 
	name TEXT COLLATE "C" NOT NULL, 
	number INTEGER NOT NULL, 
	output TEXT COLLATE "C" NOT NULL, 
	output_sha256 TEXT COLLATE "C" NOT NULL, 
	node TEXT COLLATE "C" NOT NULL, 
	committed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	machine_ms INTEGER NOT NULL, 
	CONSTRAINT pk_run_steps PRIMARY KEY (run, name), 
	CONSTRAINT uq_run_steps_run_number UNIQUE (run, number), 
	CONSTRAINT fk_run_steps_run FOREIGN KEY(run) REFERENCES runs (run), 
	CONSTRAINT fk_run_steps_node FOREIGN KEY(node) REFERENCES nodes (node) DEFERRABLE INITIALLY DEFERRED
)
;
CREATE TABLE orders (
	"order" TEXT COLLATE "C" NOT NULL, 
	intent TEXT COLLATE "C" NOT NULL, 
	run TEXT COLLATE "C" NOT NULL, 
	coid TEXT COLLATE "C" NOT NULL, 
	role TEXT COLLATE "C" NOT NULL, 
	parent TEXT COLLATE "C", 
	account TEXT COLLATE "C" NOT NULL, 
	strategy TEXT COLLATE "C" NOT NULL, 
	conid BIGINT NOT NULL, 
	state TEXT COLLATE "C" NOT NULL, 
	ticket TEXT COLLATE "C" NOT NULL, 
	reserved_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	broker_order_id TEXT COLLATE "C", 
	filled NUMERIC(38, 8) NOT NULL, 
	average_price NUMERIC(38, 8), 
	sends INTEGER NOT NULL, 
	last_sent_at TIMESTAMP WITH TIME ZONE, 
	note TEXT COLLATE "C" NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT pk_orders PRIMARY KEY ("order"), 
	CONSTRAINT ck_orders_one_per_intent CHECK ("order" = intent), 
	CONSTRAINT uq_orders_coid UNIQUE (coid), 
	CONSTRAINT uq_orders_account_broker_order_id UNIQUE (account, broker_order_id), 
	CONSTRAINT fk_orders_intent_run_account_conid FOREIGN KEY(intent, run, account, conid) REFERENCES intents (intent, run, account, conid), 
	CONSTRAINT fk_orders_parent FOREIGN KEY(parent) REFERENCES orders ("order")
)
;
CREATE INDEX ix_orders_conid ON orders (conid)
;
CREATE INDEX ix_orders_parent ON orders (parent)
;
CREATE INDEX ix_orders_reserved_at ON orders (reserved_at)
;
CREATE INDEX ix_orders_run ON orders (run)
;
CREATE INDEX ix_orders_state ON orders (state)
;
CREATE TABLE execution_orders (
	account TEXT COLLATE "C" NOT NULL, 
	execution TEXT COLLATE "C" NOT NULL, 
	"order" TEXT COLLATE "C" NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_execution_orders PRIMARY KEY (account, execution), 
	CONSTRAINT fk_execution_orders_order FOREIGN KEY("order") REFERENCES orders ("order")
)
;
CREATE INDEX ix_execution_orders_order ON execution_orders ("order")
;
CREATE TABLE facts (
	seq BIGSERIAL NOT NULL, 
	"order" TEXT COLLATE "C" NOT NULL, 
	kind TEXT COLLATE "C" NOT NULL, 
	status TEXT COLLATE "C" NOT NULL, 
	filled NUMERIC(38, 8) NOT NULL, 
	remaining NUMERIC(38, 8) NOT NULL, 
	epoch INTEGER NOT NULL, 
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	detail TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_facts PRIMARY KEY (seq), 
	CONSTRAINT fk_facts_order FOREIGN KEY("order") REFERENCES orders ("order")
)
;
CREATE INDEX ix_facts_order ON facts ("order", seq)
;
CREATE TABLE sends (
	"order" TEXT COLLATE "C" NOT NULL, 
	number INTEGER NOT NULL, 
	verb TEXT COLLATE "C" NOT NULL, 
	payload_sha256 TEXT COLLATE "C" NOT NULL, 
	fence BIGINT NOT NULL, 
	epoch INTEGER NOT NULL, 
	started_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	not_after TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_sends PRIMARY KEY ("order", number), 
	CONSTRAINT ck_sends_verb CHECK (verb in ('place', 'modify', 'cancel', 'reply')), 
	CONSTRAINT fk_sends_order FOREIGN KEY("order") REFERENCES orders ("order")
)
;
CREATE TABLE send_outcomes (
	"order" TEXT COLLATE "C" NOT NULL, 
	number INTEGER NOT NULL, 
	kind TEXT COLLATE "C" NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_send_outcomes PRIMARY KEY ("order", number), 
	CONSTRAINT fk_send_outcomes_order_number FOREIGN KEY("order", number) REFERENCES sends ("order", number)
)
;
CREATE FUNCTION glassdesk_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; END $$
;
CREATE TRIGGER artifacts_no_delete BEFORE DELETE ON artifacts FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: artifacts is append-only')
;
CREATE TRIGGER artifacts_no_update BEFORE UPDATE ON artifacts FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: artifacts is append-only')
;
CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head FOR EACH ROW WHEN (NEW.seq <> OLD.seq + 1) EXECUTE FUNCTION glassdesk_refuse('integrity: the head of the audit chain moves forward by one')
;
CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: the head of the audit chain stays')
;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: audit is append-only')
;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: audit is append-only')
;
CREATE TRIGGER calls_no_delete BEFORE DELETE ON calls FOR EACH ROW WHEN (substr(OLD.purpose, 1, 4) = 'run:') EXECUTE FUNCTION glassdesk_refuse('integrity: calls of a run are never deleted')
;
CREATE TRIGGER calls_no_update BEFORE UPDATE ON calls FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: calls are never changed')
;
CREATE TRIGGER commissions_no_delete BEFORE DELETE ON commissions FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: commissions is append-only')
;
CREATE TRIGGER commissions_no_update BEFORE UPDATE ON commissions FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: commissions is append-only')
;
CREATE TRIGGER execution_orders_no_delete BEFORE DELETE ON execution_orders FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: execution_orders is append-only')
;
CREATE TRIGGER execution_orders_no_update BEFORE UPDATE ON execution_orders FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: execution_orders is append-only')
;
CREATE TRIGGER executions_no_delete BEFORE DELETE ON executions FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: executions is append-only')
;
CREATE TRIGGER executions_no_update BEFORE UPDATE ON executions FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: executions is append-only')
;
CREATE TRIGGER facts_no_delete BEFORE DELETE ON facts FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: facts is append-only')
;
CREATE TRIGGER facts_no_update BEFORE UPDATE ON facts FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: facts is append-only')
;
CREATE TRIGGER indicator_sets_no_delete BEFORE DELETE ON indicator_sets FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: indicator_sets is append-only')
;
CREATE TRIGGER indicator_sets_no_update BEFORE UPDATE ON indicator_sets FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: indicator_sets is append-only')
;
CREATE TRIGGER intents_ended BEFORE UPDATE OF state ON intents FOR EACH ROW WHEN (OLD.state NOT IN ('awaiting_approval', 'queued', 'sent') AND OLD.state <> NEW.state) EXECUTE FUNCTION glassdesk_refuse('conflict: an intent that ended stays as it is')
;
CREATE TRIGGER intents_keep BEFORE UPDATE OF "intent", "run", "leg", "parent", "kind", "account", "strategy", "strategy_version", "conid", "side", "order_type", "quantity", "price", "tif", "role", "window_opens", "window_closes", "reserved_at", "target_order", "parking", "terms", "node", "signal", "act" ON intents FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: intents: what a row is about never changes')
;
CREATE TRIGGER intents_no_delete BEFORE DELETE ON intents FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: intents: rows are never deleted')
;
CREATE TRIGGER node_artifacts_no_delete BEFORE DELETE ON node_artifacts FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: node_artifacts is append-only')
;
CREATE TRIGGER node_artifacts_no_update BEFORE UPDATE ON node_artifacts FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: node_artifacts is append-only')
;
CREATE TRIGGER node_parents_no_delete BEFORE DELETE ON node_parents FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: node_parents is append-only')
;
CREATE TRIGGER node_parents_no_update BEFORE UPDATE ON node_parents FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: node_parents is append-only')
;
CREATE TRIGGER nodes_no_delete BEFORE DELETE ON nodes FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: nodes is append-only')
;
CREATE TRIGGER nodes_no_update BEFORE UPDATE ON nodes FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: nodes is append-only')
;
CREATE TRIGGER opening_balances_no_delete BEFORE DELETE ON opening_balances FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: opening_balances is append-only')
;
CREATE TRIGGER opening_balances_no_update BEFORE UPDATE ON opening_balances FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: opening_balances is append-only')
;
CREATE TRIGGER openings_no_delete BEFORE DELETE ON openings FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: openings is append-only')
;
CREATE TRIGGER openings_no_update BEFORE UPDATE ON openings FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: openings is append-only')
;
CREATE TRIGGER orders_begins BEFORE INSERT ON orders FOR EACH ROW WHEN (NEW.state <> 'reserved' OR NEW.version <> 0 OR NEW.sends <> 0) EXECUTE FUNCTION glassdesk_refuse('integrity: an order row begins as reserved, before anything is sent')
;
CREATE TRIGGER orders_keep BEFORE UPDATE OF "order", "intent", "run", "coid", "role", "parent", "account", "strategy", "conid", "reserved_at" ON orders FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: orders: what a row is about never changes')
;
CREATE TRIGGER orders_no_delete BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: orders: rows are never deleted')
;
CREATE TRIGGER orders_transition BEFORE UPDATE OF state ON orders FOR EACH ROW WHEN (OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ('abandoned>cancel_requested', 'abandoned>cancelled', 'abandoned>expired', 'abandoned>filled', 'abandoned>needs_operator', 'abandoned>partial', 'abandoned>rejected', 'abandoned>working', 'cancel_requested>cancelled', 'cancel_requested>expired', 'cancel_requested>filled', 'cancel_requested>needs_operator', 'cancel_requested>partial', 'cancel_requested>rejected', 'cancel_requested>working', 'cancelled>cancel_requested', 'cancelled>expired', 'cancelled>filled', 'cancelled>needs_operator', 'cancelled>partial', 'cancelled>rejected', 'cancelled>working', 'expired>cancel_requested', 'expired>cancelled', 'expired>filled', 'expired>needs_operator', 'expired>partial', 'expired>rejected', 'expired>working', 'needs_operator>abandoned', 'needs_operator>cancel_requested', 'needs_operator>cancelled', 'needs_operator>expired', 'needs_operator>filled', 'needs_operator>partial', 'needs_operator>rejected', 'needs_operator>working', 'partial>cancel_requested', 'partial>cancelled', 'partial>expired', 'partial>filled', 'partial>needs_operator', 'partial>working', 'rejected>cancel_requested', 'rejected>cancelled', 'rejected>expired', 'rejected>filled', 'rejected>needs_operator', 'rejected>partial', 'rejected>working', 'reserved>cancelled', 'reserved>expired', 'reserved>sending', 'sending>cancel_requested', 'sending>cancelled', 'sending>filled', 'sending>partial', 'sending>rejected', 'sending>reserved', 'sending>unknown', 'sending>working', 'unknown>abandoned', 'unknown>cancel_requested', 'unknown>cancelled', 'unknown>expired', 'unknown>filled', 'unknown>needs_operator', 'unknown>partial', 'unknown>rejected', 'unknown>reserved', 'unknown>working', 'working>cancel_requested', 'working>cancelled', 'working>expired', 'working>filled', 'working>needs_operator', 'working>partial', 'working>rejected')) EXECUTE FUNCTION glassdesk_refuse('conflict: an order does not change its state so')
;
CREATE TRIGGER orders_version BEFORE UPDATE ON orders FOR EACH ROW WHEN (NEW.version <> OLD.version + 1) EXECUTE FUNCTION glassdesk_refuse('conflict: an order row was changed meanwhile')
;
CREATE TRIGGER prompt_versions_no_delete BEFORE DELETE ON prompt_versions FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: prompt_versions is append-only')
;
CREATE TRIGGER prompt_versions_no_update BEFORE UPDATE ON prompt_versions FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: prompt_versions is append-only')
;
CREATE TRIGGER run_steps_no_delete BEFORE DELETE ON run_steps FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: run_steps is append-only')
;
CREATE TRIGGER run_steps_no_update BEFORE UPDATE ON run_steps FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: run_steps is append-only')
;
CREATE TRIGGER runs_keep BEFORE UPDATE OF "run", "kind", "strategy", "version", "slot", "slot_strategy", "conid", "account" ON runs FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: runs: what a row is about never changes')
;
CREATE TRIGGER runs_no_delete BEFORE DELETE ON runs FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: runs: rows are never deleted')
;
CREATE TRIGGER send_outcomes_no_delete BEFORE DELETE ON send_outcomes FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: send_outcomes is append-only')
;
CREATE TRIGGER send_outcomes_no_update BEFORE UPDATE ON send_outcomes FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: send_outcomes is append-only')
;
CREATE TRIGGER sends_no_delete BEFORE DELETE ON sends FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: sends is append-only')
;
CREATE TRIGGER sends_no_update BEFORE UPDATE ON sends FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: sends is append-only')
;
CREATE TRIGGER signals_no_delete BEFORE DELETE ON signals FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: signals is append-only')
;
CREATE TRIGGER signals_no_update BEFORE UPDATE ON signals FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: signals is append-only')
;
CREATE TRIGGER slots_no_delete BEFORE DELETE ON slots FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: slots is append-only')
;
CREATE TRIGGER slots_no_update BEFORE UPDATE ON slots FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: slots is append-only')
;
CREATE TRIGGER strategy_contracts_no_delete BEFORE DELETE ON strategy_contracts FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: strategy_contracts is append-only')
;
CREATE TRIGGER strategy_contracts_no_update BEFORE UPDATE ON strategy_contracts FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: strategy_contracts is append-only')
;
CREATE TRIGGER strategy_versions_no_delete BEFORE DELETE ON strategy_versions FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: strategy_versions is append-only')
;
CREATE TRIGGER strategy_versions_no_update BEFORE UPDATE ON strategy_versions FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: strategy_versions is append-only')
;
CREATE TRIGGER verdicts_no_delete BEFORE DELETE ON verdicts FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: verdicts is append-only')
;
CREATE TRIGGER verdicts_no_update BEFORE UPDATE ON verdicts FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: verdicts is append-only')
;
CREATE TRIGGER artifacts_no_truncate BEFORE TRUNCATE ON artifacts FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: artifacts: rows are never deleted')
;
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: audit: rows are never deleted')
;
CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: audit_head: rows are never deleted')
;
CREATE TRIGGER calls_no_truncate BEFORE TRUNCATE ON calls FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: calls: rows are never deleted')
;
CREATE TRIGGER commissions_no_truncate BEFORE TRUNCATE ON commissions FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: commissions: rows are never deleted')
;
CREATE TRIGGER execution_orders_no_truncate BEFORE TRUNCATE ON execution_orders FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: execution_orders: rows are never deleted')
;
CREATE TRIGGER executions_no_truncate BEFORE TRUNCATE ON executions FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: executions: rows are never deleted')
;
CREATE TRIGGER facts_no_truncate BEFORE TRUNCATE ON facts FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: facts: rows are never deleted')
;
CREATE TRIGGER indicator_sets_no_truncate BEFORE TRUNCATE ON indicator_sets FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: indicator_sets: rows are never deleted')
;
CREATE TRIGGER intents_no_truncate BEFORE TRUNCATE ON intents FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: intents: rows are never deleted')
;
CREATE TRIGGER node_artifacts_no_truncate BEFORE TRUNCATE ON node_artifacts FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: node_artifacts: rows are never deleted')
;
CREATE TRIGGER node_parents_no_truncate BEFORE TRUNCATE ON node_parents FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: node_parents: rows are never deleted')
;
CREATE TRIGGER nodes_no_truncate BEFORE TRUNCATE ON nodes FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: nodes: rows are never deleted')
;
CREATE TRIGGER opening_balances_no_truncate BEFORE TRUNCATE ON opening_balances FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: opening_balances: rows are never deleted')
;
CREATE TRIGGER openings_no_truncate BEFORE TRUNCATE ON openings FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: openings: rows are never deleted')
;
CREATE TRIGGER orders_no_truncate BEFORE TRUNCATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: orders: rows are never deleted')
;
CREATE TRIGGER prompt_versions_no_truncate BEFORE TRUNCATE ON prompt_versions FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: prompt_versions: rows are never deleted')
;
CREATE TRIGGER run_steps_no_truncate BEFORE TRUNCATE ON run_steps FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: run_steps: rows are never deleted')
;
CREATE TRIGGER runs_no_truncate BEFORE TRUNCATE ON runs FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: runs: rows are never deleted')
;
CREATE TRIGGER send_outcomes_no_truncate BEFORE TRUNCATE ON send_outcomes FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: send_outcomes: rows are never deleted')
;
CREATE TRIGGER sends_no_truncate BEFORE TRUNCATE ON sends FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: sends: rows are never deleted')
;
CREATE TRIGGER signals_no_truncate BEFORE TRUNCATE ON signals FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: signals: rows are never deleted')
;
CREATE TRIGGER slots_no_truncate BEFORE TRUNCATE ON slots FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: slots: rows are never deleted')
;
CREATE TRIGGER strategy_contracts_no_truncate BEFORE TRUNCATE ON strategy_contracts FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: strategy_contracts: rows are never deleted')
;
CREATE TRIGGER strategy_versions_no_truncate BEFORE TRUNCATE ON strategy_versions FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: strategy_versions: rows are never deleted')
;
CREATE TRIGGER verdicts_no_truncate BEFORE TRUNCATE ON verdicts FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: verdicts: rows are never deleted')
;
INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000')
;
