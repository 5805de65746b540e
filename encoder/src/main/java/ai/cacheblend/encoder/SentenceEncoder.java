package ai.cacheblend.encoder;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * The sentence encoder all-MiniLM-L6-v2 with 8-bit weights: the mean of the output rows over all
 * tokens, scaled to length 1, as sentence-transformers computes it (Reimers and Gurevych, 2019).
 * Owns the native session and tokenizer. Not thread-safe.
 */
public final class SentenceEncoder implements AutoCloseable {
  public static final String NAME = "all-MiniLM-L6-v2-q";

  /** Elements of an embedding. */
  public static final int DIMENSIONS = 384;

  /** Limit of the model's position embeddings; the end of longer texts is ignored. */
  public static final int MAX_TOKENS = 512;

  private static final String MODEL = "/all-minilm-l6-v2-q.onnx";
  private static final String TOKENIZER = "/all-minilm-l6-v2-q-tokenizer.json";

  static {
    // On a machine with a GPU the library would otherwise try to download a CUDA build of itself.
    if (System.getProperty("RUST_FLAVOR") == null) {
      System.setProperty("RUST_FLAVOR", "cpu");
    }
    System.setProperty("OPT_OUT_TRACKING", "true");
  }

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final HuggingFaceTokenizer tokenizer;
  private final OrtSession session;

  private SentenceEncoder(HuggingFaceTokenizer tokenizer, OrtSession session) {
    this.tokenizer = tokenizer;
    this.session = session;
  }

  /** Loads the model from the class path. */
  public static SentenceEncoder load() {
    HuggingFaceTokenizer tokenizer = null;
    try (InputStream tokenizerFile = SentenceEncoder.class.getResourceAsStream(TOKENIZER);
        InputStream model = SentenceEncoder.class.getResourceAsStream(MODEL);
        OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      tokenizer =
          HuggingFaceTokenizer.newInstance(
              tokenizerFile,
              Map.of(
                  "truncation", "true",
                  "maxLength", Integer.toString(MAX_TOKENS),
                  "padding", "false"));
      return new SentenceEncoder(
          tokenizer, OrtEnvironment.getEnvironment().createSession(model.readAllBytes(), options));
    } catch (IOException e) {
      close(tokenizer);
      throw new UncheckedIOException(e);
    } catch (OrtException e) {
      close(tokenizer);
      throw new IllegalStateException("the sentence encoder cannot be loaded", e);
    }
  }

  private static void close(HuggingFaceTokenizer tokenizer) {
    if (tokenizer != null) {
      tokenizer.close();
    }
  }

  /** The embedding of a text: {@link #DIMENSIONS} elements, of length 1. */
  public float[] embed(String text) {
    Encoding tokens = tokenizer.encode(text);
    try (OnnxTensor ids = row(tokens.getIds());
        OnnxTensor mask = row(tokens.getAttentionMask());
        OnnxTensor types = row(tokens.getTypeIds());
        OrtSession.Result result =
            session.run(
                Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids", types))) {
      float[][][] rows = (float[][][]) result.get(0).getValue();
      return mean(rows[0]);
    } catch (OrtException e) {
      throw new IllegalStateException("the sentence encoder failed", e);
    }
  }

  private OnnxTensor row(long[] values) throws OrtException {
    return OnnxTensor.createTensor(environment, new long[][] {values});
  }

  private static float[] mean(float[][] rows) {
    double[] sum = new double[DIMENSIONS];
    for (float[] row : rows) {
      for (int i = 0; i < DIMENSIONS; i++) {
        sum[i] += row[i];
      }
    }
    double squares = 0;
    for (double value : sum) {
      squares += value * value;
    }
    double length = Math.sqrt(squares);
    float[] embedding = new float[DIMENSIONS];
    for (int i = 0; i < DIMENSIONS; i++) {
      embedding[i] = (float) (sum[i] / length);
    }
    return embedding;
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("the sentence encoder cannot be closed", e);
    } finally {
      tokenizer.close();
    }
  }
}
