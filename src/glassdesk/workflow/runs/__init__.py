"""One run decides one contract: the pipeline from slot to reserved order."""
