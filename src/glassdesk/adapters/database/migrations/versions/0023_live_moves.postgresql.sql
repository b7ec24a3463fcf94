CREATE TABLE live_moves (
	account TEXT COLLATE "C" NOT NULL, 
	move INTEGER NOT NULL, 
	act TEXT COLLATE "C" NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	actor TEXT COLLATE "C" NOT NULL, 
	reason TEXT COLLATE "C" NOT NULL, 
	until TIMESTAMP WITH TIME ZONE, 
	shown TEXT COLLATE "C", 
	CONSTRAINT pk_live_moves PRIMARY KEY (account, move)
)
;
CREATE TRIGGER live_moves_no_delete BEFORE DELETE ON live_moves FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: live_moves is append-only')
;
CREATE TRIGGER live_moves_no_update BEFORE UPDATE ON live_moves FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: live_moves is append-only')
;
CREATE TRIGGER live_moves_no_truncate BEFORE TRUNCATE ON live_moves FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: live_moves: rows are never deleted')
;
