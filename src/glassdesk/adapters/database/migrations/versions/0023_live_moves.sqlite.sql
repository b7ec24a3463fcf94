CREATE TABLE live_moves (
	account TEXT NOT NULL, 
	move INTEGER NOT NULL, 
	act TEXT NOT NULL, 
	at TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	until TEXT, 
	shown TEXT, 
	CONSTRAINT pk_live_moves PRIMARY KEY (account, move)
)
;
CREATE TRIGGER live_moves_no_delete BEFORE DELETE ON live_moves FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: live_moves is append-only'); END
;
CREATE TRIGGER live_moves_no_update BEFORE UPDATE ON live_moves FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: live_moves is append-only'); END
;
