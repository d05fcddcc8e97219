//! x
use hookspec_spec::*;
use serde_json::{Value, json};
#[test]
fn scratch() {
    let text = std::fs::read_to_string("/work/main/contract-tests/vectors/dagstack.json").unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    let mut bad = 0;
    let mut n = 0;
    for v in all["vectors"].as_array().unwrap() {
        let (i, e) = (&v["input"], &v["expected"]);
        let group = v["group"].as_str().unwrap();
        let got: Result<Value, String> = match group {
            "manifest_valid" | "manifest_invalid" => {
                manifest::from_value(&i["manifest"], manifest::Dialect::Specification)
                    .map(|m| serde_json::to_value(m).unwrap())
                    .map_err(|e| e.to_string())
            }
            "manifest_text" => {
                let d = tempfile::tempdir().unwrap();
                let p = d.path().join(i["file"].as_str().unwrap());
                if let Some(t) = i["text"].as_str() {
                    std::fs::write(&p, t).unwrap();
                }
                if i["loader"] == "discover" { manifest::found(&p) } else { manifest::load(&p) }
                    .map(|m| serde_json::to_value(m.manifest).unwrap())
                    .map_err(|e| e.to_string())
            }
            "hookspec_valid" | "hookspec_invalid" => {
                let y = &i["yaml"];
                let kind = y["kind"].as_str().unwrap();
                let path =
                    i["path"].as_str().map(String::from).unwrap_or(format!("kinds/{kind}/v1.yaml"));
                let mut s = vec![Source::new(path.clone(), y.to_string())];
                let dir = std::path::Path::new(&path).parent().unwrap().to_owned();
                match &i["schema_files"] {
                    Value::Array(a) => {
                        for f in a {
                            s.push(Source::new(dir.join(f.as_str().unwrap()), "{}"))
                        }
                    }
                    _ => {
                        for h in y["hooks"].as_array().unwrap() {
                            for k in ["input_schema", "output_schema"] {
                                if let Some(f) = h[k].as_str() {
                                    let disk = std::path::Path::new("/work/main/hookspecs")
                                        .join(kind)
                                        .join(f);
                                    s.push(Source::new(
                                        dir.join(f),
                                        std::fs::read_to_string(disk).unwrap(),
                                    ))
                                }
                            }
                        }
                    }
                }
                Catalog::from_sources(s)
                    .map(|c| {
                        json!(
                            c.kinds()
                                .next()
                                .unwrap()
                                .hooks
                                .iter()
                                .map(|h| (h.name.to_string(), h.dispatch.as_str()))
                                .collect::<std::collections::BTreeMap<_, _>>()
                        )
                    })
                    .map_err(|e| e.to_string())
            }
            _ => continue,
        };
        n += 1;
        let ok = e["ok"].as_bool().unwrap();
        let mut fine = ok == got.is_ok();
        if let (Ok(m), Some(f)) = (&got, e["fields"].as_object()) {
            for (k, val) in f {
                if &m[k] != val {
                    fine = false;
                    println!("{k}: {} vs {val}", m[k]);
                }
            }
        }
        if let (Err(m), Some(f)) = (&got, e["field"].as_str()) {
            if !m.contains(&format!("`{f}`")) && !m.contains(f) {
                fine = false;
            }
        }
        if !fine {
            bad += 1;
            println!("{} {} {} => {got:?} expected {e}", v["id"], v["level"], i);
        }
    }
    println!("{n} vectors, {bad} bad");
}
