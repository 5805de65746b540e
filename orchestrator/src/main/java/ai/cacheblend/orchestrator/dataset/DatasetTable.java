package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.hub.Repository;
import ai.cacheblend.hub.Revision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The repositories and files of the data sets that have a name here. The first place of a data set
 * that has the wanted configuration and split is preferred: LongBench, which published experiments
 * use, before the original data; for SAMSum the original data, which are small.
 *
 * <p>{@code refs/convert/parquet} is the branch with Parquet files that the Hub makes of every data
 * set.
 *
 * <p>No entry was checked against the Hub itself. Public code downloads from the names of
 * LongBench, {@code xanhho}, {@code framolfese}, {@code voidful}, HotpotQA, Multi-News and MuSiQue.
 * The file names of SAMSum and of {@code THUDM/2WikiMultihopQA} are assumed: several alternatives
 * are tried, and a repository without them is passed over.
 */
final class DatasetTable {
  private static final Revision MAIN = Revision.MAIN;
  private static final Revision PARQUET = new Revision("refs/convert/parquet");

  /** Splits with the names that files have in place of them. */
  private static final Map<String, String> VALIDATION_TRAIN = splits("validation", "train");

  private static final Map<String, String> DEV_TRAIN = splits("validation=dev", "train");
  private static final Map<String, String> TEST_VALIDATION_TRAIN =
      splits("test", "validation", "train");
  private static final Pattern DATA_FILE = Pattern.compile("\\.(jsonl?|csv|parquet|zip|txt)$");
  private static final Map<String, List<DatasetPlace>> PLACES = new LinkedHashMap<>();

  static {
    PLACES.put("2wikimqa", wikimqa());
    PLACES.put("samsum", samsum());
    PLACES.put("musique", musique());
    PLACES.put("hotpotqa", hotpotqa());
    PLACES.put("multi_news", multiNews());
  }

  private DatasetTable() {}

  static List<String> names() {
    return List.copyOf(PLACES.keySet());
  }

  /** Where a data set may be, best first; empty if the name is unknown. */
  static List<DatasetPlace> places(DatasetRef dataset) {
    String name = dataset.name();
    return isRepository(name)
        ? anyRepository(name, dataset.config())
        : PLACES.getOrDefault(name, List.of());
  }

  /** Whether it is {@code ORGANISATION/NAME}, and not the path of a file that is missing. */
  static boolean isRepository(String name) {
    return name.contains("/") && Repository.isValidId(name) && !DATA_FILE.matcher(name).find();
  }

  private static List<DatasetPlace> wikimqa() {
    Places places = new Places("").longBench("2wikimqa", "2wikimqa_e");
    // Lists are JSON texts in the first.
    places.add("xanhho/2WikiMultihopQA", MAIN, "", DEV_TRAIN, "{split}.parquet");
    places.add("framolfese/2WikiMultihopQA", MAIN, "", VALIDATION_TRAIN, "data/{split}-*.parquet");
    for (String repository : List.of("voidful/2WikiMultihopQA", "THUDM/2WikiMultihopQA")) {
      places.add(
          repository, MAIN, "", DEV_TRAIN, "{split}.json", "data/{split}.json", "{split}.jsonl");
    }
    return places.list();
  }

  private static List<DatasetPlace> samsum() {
    Places places = new Places("samsum");
    for (String repository : List.of("knkarthick/samsum", "Samsung/samsum", "samsum")) {
      places.add(
          repository,
          MAIN,
          "samsum",
          TEST_VALIDATION_TRAIN,
          "{split}.csv",
          "{split}.json",
          "{split}.jsonl",
          "data/{split}-*.parquet",
          "data/{split}.{json,csv}");
      places.add(
          repository,
          PARQUET,
          "samsum",
          TEST_VALIDATION_TRAIN,
          "{samsum,default}/{split}/*.parquet");
    }
    return places.longBench("samsum", "samsum_e").list();
  }

  private static List<DatasetPlace> musique() {
    Places places = new Places("answerable").longBench("musique");
    for (String repository : List.of("bdsaglam/musique", "dgslibisey/MuSiQue", "voidful/MuSiQue")) {
      places.add(
          repository, MAIN, "answerable", DEV_TRAIN, "{data/,}musique_ans_v1.0_{split}.jsonl");
      places.add(repository, MAIN, "full", DEV_TRAIN, "{data/,}musique_full_v1.0_{split}.jsonl");
    }
    return places.list();
  }

  private static List<DatasetPlace> hotpotqa() {
    Places places = new Places("distractor").longBench("hotpotqa", "hotpotqa_e");
    for (String config : List.of("distractor", "fullwiki")) {
      for (String repository : List.of("hotpotqa/hotpot_qa", "hotpot_qa")) {
        places.add(repository, MAIN, config, VALIDATION_TRAIN, config + "/{split}-*.parquet");
        places.add(repository, PARQUET, config, VALIDATION_TRAIN, config + "/{split}/*.parquet");
      }
    }
    return places.list();
  }

  private static List<DatasetPlace> multiNews() {
    Places places = new Places("default").longBench("multi_news", "multi_news_e");
    for (String repository : List.of("alexfabbri/multi_news", "multi_news")) {
      places.add(
          repository, PARQUET, "default", TEST_VALIDATION_TRAIN, "default/{split}/*.parquet");
      places.add(
          repository,
          MAIN,
          "default",
          splits("test", "validation=val", "train"),
          "data/{split}.{src.cleaned,tgt}");
    }
    return places.list();
  }

  /** The layouts in which the {@code datasets} library finds files without a script. */
  private static List<DatasetPlace> anyRepository(String repository, Optional<String> config) {
    String name = config.orElse("default");
    String folder = config.map(value -> value + "/").orElse("{data/,}");
    Places places = new Places(name);
    for (String split : List.of("test", "validation", "dev", "train")) {
      Map<String, String> one = splits(split);
      places.add(
          repository,
          MAIN,
          name,
          one,
          folder + "{split}-*.parquet",
          folder + "{split}.{parquet,jsonl,json,csv}");
      places.add(repository, PARQUET, name, one, name + "/{split}/*.parquet");
    }
    return places.list();
  }

  /** {@code NAME}, or {@code NAME=NAME_IN_FILES}; the first is the default. */
  private static Map<String, String> splits(String... names) {
    Map<String, String> splits = new LinkedHashMap<>();
    for (String name : names) {
      int equals = name.indexOf('=');
      splits.put(
          equals < 0 ? name : name.substring(0, equals),
          equals < 0 ? name : name.substring(equals + 1));
    }
    return splits;
  }

  /** Collects places in order. */
  private static final class Places {
    private final String defaultConfig;
    private final List<DatasetPlace> list = new ArrayList<>();

    Places(String defaultConfig) {
      this.defaultConfig = defaultConfig;
    }

    List<DatasetPlace> list() {
      return List.copyOf(list);
    }

    void add(
        String repository,
        Revision revision,
        String config,
        Map<String, String> splits,
        String... patterns) {
      String defaultSplit = splits.keySet().iterator().next();
      splits.forEach(
          (split, inFiles) ->
              list.add(
                  new DatasetPlace(
                      Repository.dataset(repository),
                      revision,
                      config,
                      split,
                      new DatasetPlace.Default(
                          config.equals(defaultConfig), split.equals(defaultSplit)),
                      List.of(patterns).stream()
                          .map(pattern -> pattern.replace("{split}", inFiles))
                          .toList(),
                      Optional.empty())));
    }

    /** One archive with a file per configuration, the first by default; all have a test split. */
    Places longBench(String... configs) {
      for (String config : configs) {
        for (String repository : List.of("THUDM/LongBench", "zai-org/LongBench")) {
          String entry = "data/" + config + ".jsonl";
          list.add(
              new DatasetPlace(
                  Repository.dataset(repository),
                  MAIN,
                  config,
                  "test",
                  new DatasetPlace.Default(config.equals(configs[0]), true),
                  List.of("data.zip", entry),
                  Optional.of(entry)));
        }
      }
      return this;
    }
  }
}
