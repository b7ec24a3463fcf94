"""Work as OpenTelemetry spans; imported only by who sends them somewhere."""
