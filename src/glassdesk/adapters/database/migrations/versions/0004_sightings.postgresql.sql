CREATE TABLE sightings (
	"order" TEXT COLLATE "C" NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_sightings PRIMARY KEY ("order"), 
	CONSTRAINT fk_sightings_order FOREIGN KEY("order") REFERENCES orders ("order")
)
;
