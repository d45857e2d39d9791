package ebasvuru.streams;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The services and their routes, as {@code ebasvuru catalog --json} prints them: one object in each line. */
final class Catalog {
    /** A service, its retention class, and the unit that takes it in each governorate, by plate code. */
    record Service(String slug, String retentionClass, String[] units) {
        /** The unit; null if there is none. */
        String unit(int valilik) {
            return units[valilik];
        }
    }

    private final Map<String, Service> services = new HashMap<>();

    static Catalog load(Path file) throws IOException, Fault {
        Catalog catalog = new Catalog();
        for (String line : Files.readAllLines(file)) {
            Members it = Members.root(Json.parse(line.getBytes(StandardCharsets.UTF_8)));
            if (it.is("kind", "service")) {
                Service service = new Service(it.text("slug"), it.text("retention_class"), new String[82]);
                catalog.services.put(service.slug(), service);
            } else if (it.is("kind", "route")) {
                catalog.service(it.text("service")).units[(int) it.integer("valilik")] = it.text("unit");
            }
        }
        return catalog;
    }

    /** The service; null if there is none. */
    Service service(String slug) {
        return services.get(slug);
    }
}
