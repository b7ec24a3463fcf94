CREATE TABLE what_ifs (
	intent TEXT COLLATE "C" NOT NULL, 
	number INTEGER NOT NULL, 
	moment TEXT COLLATE "C" NOT NULL CONSTRAINT ck_what_ifs_moment CHECK (moment in ('approve', 'send')), 
	asked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	quantity NUMERIC(38, 8) NOT NULL, 
	price NUMERIC(38, 8), 
	told TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_what_ifs PRIMARY KEY (intent, number), 
	CONSTRAINT fk_what_ifs_intent FOREIGN KEY(intent) REFERENCES intents (intent)
)
;
CREATE TRIGGER what_ifs_no_delete BEFORE DELETE ON what_ifs FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: what_ifs is append-only')
;
CREATE TRIGGER what_ifs_no_update BEFORE UPDATE ON what_ifs FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: what_ifs is append-only')
;
CREATE TRIGGER what_ifs_no_truncate BEFORE TRUNCATE ON what_ifs FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: what_ifs: rows are never deleted')
;
CREATE TABLE owner_orders (
	account TEXT COLLATE "C" NOT NULL, 
	broker_order_id TEXT COLLATE "C" NOT NULL, 
	order_ref TEXT COLLATE "C", 
	parent_id TEXT COLLATE "C", 
	conid BIGINT NOT NULL, 
	symbol TEXT COLLATE "C" NOT NULL, 
	side TEXT COLLATE "C" NOT NULL, 
	status TEXT COLLATE "C" NOT NULL, 
	order_type TEXT COLLATE "C" NOT NULL, 
	price NUMERIC(38, 8), 
	tif TEXT COLLATE "C" NOT NULL, 
	total NUMERIC(38, 8) NOT NULL, 
	filled NUMERIC(38, 8) NOT NULL, 
	remaining NUMERIC(38, 8) NOT NULL, 
	average_price NUMERIC(38, 8), 
	reason TEXT COLLATE "C" NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_owner_orders PRIMARY KEY (account, broker_order_id)
)
;
ALTER TABLE accounts ADD COLUMN trading_type TEXT COLLATE "C" DEFAULT '' NOT NULL
;
