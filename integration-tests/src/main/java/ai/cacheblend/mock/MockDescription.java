package ai.cacheblend.mock;

import ai.cacheblend.proto.v1.DescribeResponse;
import ai.cacheblend.proto.v1.Limits;
import ai.cacheblend.proto.v1.ModelDescription;
import ai.cacheblend.proto.v1.PoolStatistics;
import ai.cacheblend.proto.v1.Versions;

/** The Describe response of a mock worker. */
final class MockDescription {
  static final int LAYERS = 4;

  static final int BLOCK_TOKENS = 64;

  private MockDescription() {}

  /**
   * @param prompts number of Generate calls before
   */
  static DescribeResponse of(MockScript script, int prompts) {
    ModelDescription.Builder model =
        ModelDescription.newBuilder()
            .setName("mock")
            .setArchitecture("MockForCausalLM")
            .setFingerprint(script.fingerprint())
            .setDtype("fp32")
            .setLayerCount(LAYERS)
            .setHiddenSize(64)
            .setIntermediateSize(192)
            .setQueryHeadCount(4)
            .setKvHeadCount(2)
            .setHeadSize(16)
            .setVocabularySize(MockTokenizer.VOCABULARY_SIZE)
            .setMaxPositionCount(script.maxSequenceTokenCount())
            .addAllCheckLayers(script.checkLayers())
            .addEosTokenIds(MockTokenizer.EOS)
            .setTokenizerSha256("b17e5")
            .setKvBytesPerToken(MockScript.KV_BYTES_PER_TOKEN)
            .setChatTemplate(script.chatTemplate());
    if (script.bos()) {
      model.setBosTokenId(MockTokenizer.BOS);
    }
    long blocks = ((long) script.maxSequenceTokenCount() + BLOCK_TOKENS - 1) / BLOCK_TOKENS;
    return DescribeResponse.newBuilder()
        .setModel(model)
        .setDevice(script.device().describe(prompts))
        .setLimits(
            Limits.newBuilder()
                .setMaxSequenceTokenCount(script.maxSequenceTokenCount())
                .setQueueCapacity(script.queueCapacity()))
        .setVersions(
            Versions.newBuilder()
                .setWorker("mock")
                .setOnnxruntime("none")
                .setJava("none")
                .setCodeSha256("mock")
                .setNativeLibrarySha256("none"))
        .setPool(
            PoolStatistics.newBuilder()
                .setBlockTokenCount(BLOCK_TOKENS)
                .setTotalBlockCount(blocks)
                .setFreeBlockCount(blocks))
        .build();
  }
}
