package ai.cacheblend.worker.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this program, from a resource that the build filters. */
final class WorkerVersion {
  private static final String RESOURCE = "/ai/cacheblend/worker/version.properties";

  private WorkerVersion() {}

  static String read() {
    try (InputStream resource = WorkerVersion.class.getResourceAsStream(RESOURCE)) {
      Properties properties = new Properties();
      properties.load(resource);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(RESOURCE + " is missing from the build", e);
    }
  }
}
