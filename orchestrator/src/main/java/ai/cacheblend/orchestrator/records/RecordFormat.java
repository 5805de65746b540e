package ai.cacheblend.orchestrator.records;

/** Version of the record files. It is raised when a field is removed or changes its meaning. */
public final class RecordFormat {
  public static final int VERSION = 3;

  static final String FIELD = "format_version";

  private RecordFormat() {}

  /** Throws {@link RecordException} if the file has another version. */
  static void require(JsonValue file) {
    int version = file.integer(FIELD);
    if (version != VERSION) {
      throw new RecordException(
          file.place()
              + ": "
              + FIELD
              + " is "
              + version
              + "; this version reads "
              + VERSION
              + "; run the benchmark again");
    }
  }
}
