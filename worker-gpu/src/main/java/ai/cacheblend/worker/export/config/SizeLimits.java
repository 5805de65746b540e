package ai.cacheblend.worker.export.config;

/**
 * Bounds on the sizes in {@code config.json}, several times those of the largest open models. Graph
 * and weights plan take memory per layer and the rotation tables disk per position before any
 * tensor proves that the sizes are real.
 */
final class SizeLimits {

  static final int LAYERS = 1024;
  static final int HEADS = 1024;
  static final int HEAD = 1024;
  static final int HIDDEN = 1 << 17;
  static final int INTERMEDIATE = 1 << 20;
  static final int VOCABULARY = 1 << 22;
  static final int POSITIONS = 1 << 22;

  private SizeLimits() {}
}
