package ai.cacheblend.metrics;

import java.util.List;

/** Word F1 of question answering as LongBench computes it ({@code qa_f1_score}). */
public final class WordF1 implements QualityMetric {

  @Override
  public String id() {
    return "word_f1_longbench";
  }

  @Override
  public String unit() {
    return "fraction";
  }

  @Override
  public Better better() {
    return Better.HIGHER;
  }

  @Override
  public String formula() {
    return "2PR/(P+R) over the multiset of words; lower case, no ASCII punctuation, no a/an/the;"
        + " nothing shared or both empty: 0";
  }

  @Override
  public double score(String prediction, String reference) {
    List<String> predicted = SquadNormalizer.words(prediction);
    List<String> expected = SquadNormalizer.words(reference);
    return Overlap.f1(
        Overlap.multisetCount(predicted, expected), predicted.size(), expected.size());
  }
}
