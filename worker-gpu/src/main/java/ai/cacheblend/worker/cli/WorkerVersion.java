package ai.cacheblend.worker.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this program, which the build writes into a resource. */
final class WorkerVersion {
  private static final String RESOURCE = "/ai/cacheblend/worker/version.properties";

  private WorkerVersion() {}

  static String read() {
    try (InputStream resource = WorkerVersion.class.getResourceAsStream(RESOURCE)) {
      Properties properties = new Properties();
      properties.load(resource);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException("the build left out " + RESOURCE, e);
    }
  }
}
