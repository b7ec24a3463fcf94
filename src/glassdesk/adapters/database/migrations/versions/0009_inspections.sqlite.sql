CREATE TABLE anchors (
	seq BIGINT NOT NULL, 
	"database" TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	at TEXT NOT NULL, 
	artifact TEXT NOT NULL, 
	CONSTRAINT pk_anchors PRIMARY KEY (seq)
)
;
CREATE TABLE inspections (
	at TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	"after" BIGINT NOT NULL, 
	last BIGINT NOT NULL, 
	hash TEXT NOT NULL, 
	problem TEXT NOT NULL, 
	CONSTRAINT pk_inspections PRIMARY KEY (at, reason)
)
;
CREATE TRIGGER anchors_no_delete BEFORE DELETE ON anchors FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: anchors is append-only'); END
;
CREATE TRIGGER anchors_no_update BEFORE UPDATE ON anchors FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: anchors is append-only'); END
;
