package ai.cacheblend.hub.mock;

import java.io.IOException;
import java.util.Random;

/**
 * Serves a model {@code acme/tiny}, a gated one {@code acme/gated} and a data set {@code acme/data}
 * until standard input ends. Prints the endpoint.
 */
final class MockHubMain {

  private static final int SHARD_BYTES = 300_000;

  private MockHubMain() {}

  public static void main(String[] arguments) throws IOException {
    try (MockHub hub = MockHub.start()) {
      MockFile[] model = {
        MockFile.git("README.md", "A card.\n"),
        MockFile.git("config.json", "{\"model_type\": \"mistral\"}\n"),
        MockFile.git("tokenizer.json", "{}\n"),
        MockFile.git("model.safetensors.index.json", "{\"weight_map\": {}}\n"),
        MockFile.lfs("model-00001-of-00002.safetensors", random(1)),
        MockFile.xet("model-00002-of-00002.safetensors", random(2)),
        MockFile.lfs("pytorch_model.bin", random(3))
      };
      hub.repository("models/acme/tiny").commit("main", model);
      hub.repository("models/acme/gated")
          .visibility(MockRepository.Visibility.GATED)
          .commit("main", model);
      hub.repository("datasets/acme/data")
          .commit(
              "main",
              MockFile.git("README.md", "A card.\n"),
              MockFile.lfs("data/test-00000-of-00001.parquet", random(4)),
              MockFile.git("data/ä b#1.json", "[]\n"));
      System.out.println(hub.endpoint());
      while (System.in.read() >= 0) {
        // Until its end.
      }
    }
  }

  private static byte[] random(int seed) {
    byte[] bytes = new byte[SHARD_BYTES];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
