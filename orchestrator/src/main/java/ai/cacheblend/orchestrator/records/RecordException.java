package ai.cacheblend.orchestrator.records;

/** A folder or file of a run is missing, cannot be read, or does not follow the format. */
public final class RecordException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public RecordException(String message) {
    super(message);
  }
}
