package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** A shape of records that data sets are published in. */
interface ItemFormat {
  /** Name and fields, for messages. */
  String description();

  /**
   * Whether a record looks like this format; looks at which fields there are, not at what they
   * hold.
   */
  boolean matches(ObjectNode fields);

  /** The data set a record of this format belongs to, where the format or the record tells. */
  Optional<String> datasetName(ObjectNode fields);

  /**
   * The item of a record; empty if it is to be left out.
   *
   * @throws DatasetException if a field is missing or wrong
   */
  Optional<Item> read(DataRecord record);

  /** Why items are left out. */
  default String skipReason() {
    return "not usable";
  }
}
