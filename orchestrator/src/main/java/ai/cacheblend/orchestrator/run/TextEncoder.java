package ai.cacheblend.orchestrator.run;

/** A sentence encoder. */
public interface TextEncoder extends AutoCloseable {

  /** The embedding of a text; all embeddings of an encoder have the same number of elements. */
  float[] embed(String text);

  @Override
  void close();
}
