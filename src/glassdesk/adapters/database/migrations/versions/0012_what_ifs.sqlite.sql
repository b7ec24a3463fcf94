CREATE TABLE what_ifs (
	intent TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	moment TEXT NOT NULL CONSTRAINT ck_what_ifs_moment CHECK (moment in ('approve', 'send')), 
	asked_at TEXT NOT NULL, 
	quantity BIGINT NOT NULL, 
	price BIGINT, 
	told TEXT NOT NULL, 
	CONSTRAINT pk_what_ifs PRIMARY KEY (intent, number), 
	CONSTRAINT fk_what_ifs_intent FOREIGN KEY(intent) REFERENCES intents (intent)
)
;
CREATE TRIGGER what_ifs_no_delete BEFORE DELETE ON what_ifs FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: what_ifs is append-only'); END
;
CREATE TRIGGER what_ifs_no_update BEFORE UPDATE ON what_ifs FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: what_ifs is append-only'); END
;
CREATE TABLE owner_orders (
	account TEXT NOT NULL, 
	broker_order_id TEXT NOT NULL, 
	order_ref TEXT, 
	parent_id TEXT, 
	conid BIGINT NOT NULL, 
	symbol TEXT NOT NULL, 
	side TEXT NOT NULL, 
	status TEXT NOT NULL, 
	order_type TEXT NOT NULL, 
	price BIGINT, 
	tif TEXT NOT NULL, 
	total BIGINT NOT NULL, 
	filled BIGINT NOT NULL, 
	remaining BIGINT NOT NULL, 
	average_price BIGINT, 
	reason TEXT NOT NULL, 
	seen_at TEXT NOT NULL, 
	CONSTRAINT pk_owner_orders PRIMARY KEY (account, broker_order_id)
)
;
ALTER TABLE accounts ADD COLUMN trading_type TEXT DEFAULT '' NOT NULL
;
