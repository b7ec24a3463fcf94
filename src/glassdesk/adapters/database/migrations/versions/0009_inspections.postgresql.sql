CREATE TABLE anchors (
	seq BIGINT NOT NULL, 
	database TEXT COLLATE "C" NOT NULL, 
	hash TEXT COLLATE "C" NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	artifact TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_anchors PRIMARY KEY (seq)
)
;
CREATE TABLE inspections (
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	reason TEXT COLLATE "C" NOT NULL, 
	after BIGINT NOT NULL, 
	last BIGINT NOT NULL, 
	hash TEXT COLLATE "C" NOT NULL, 
	problem TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_inspections PRIMARY KEY (at, reason)
)
;
CREATE TRIGGER anchors_no_delete BEFORE DELETE ON anchors FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: anchors is append-only')
;
CREATE TRIGGER anchors_no_update BEFORE UPDATE ON anchors FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: anchors is append-only')
;
CREATE TRIGGER anchors_no_truncate BEFORE TRUNCATE ON anchors FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: anchors: rows are never deleted')
;
