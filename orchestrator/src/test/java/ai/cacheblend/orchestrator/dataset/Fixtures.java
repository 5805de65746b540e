package ai.cacheblend.orchestrator.dataset;

import com.google.common.io.Resources;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Small hand-made files in the shapes that data sets are published in. */
final class Fixtures {
  private Fixtures() {}

  static Path path(String name) {
    try {
      return Path.of(Resources.getResource("dataset/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static QualityTask load(String name) {
    return Datasets.load(path(name).toString(), DatasetOptions.samples(100), Map.of());
  }

  /** The texts of the cached parts after the prefix. */
  static List<String> documents(QualitySample sample) {
    return sample.parts().subList(1, sample.parts().size() - 1).stream()
        .map(PromptPart::text)
        .toList();
  }

  static String question(QualitySample sample) {
    return sample.parts().get(sample.parts().size() - 1).text();
  }
}
