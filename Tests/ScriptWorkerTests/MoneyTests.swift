import ScriptWire
import Testing

@Suite struct MoneyTests {
    @Test(
        "an exact amount is kept as it is",
        arguments: [
            ("'150.00','ARS'", "150.00 ARS"), ("'150','ARS'", "150.00 ARS"), ("'150.5','ARS'", "150.50 ARS"),
            ("'0','CLP'", "0 CLP"),
            ("'0.000001','USDT'", "0.000001 USDT"), ("'0.01','EUR'", "0.01 EUR"), ("1500,'CLP'", "1500 CLP"),
            ("'1.234','BHD'", "1.234 BHD"),
            ("'9999999999999999.99','ARS'", "9999999999999999.99 ARS"),
        ])
    func exact(arguments: String, text: String) throws {
        #expect(try play("print(money(\(arguments)))").printed == [text])
    }

    @Test(
        "any other spelling is refused and the sentence has the value",
        arguments: [
            "'1,000.00'", "'1.000,00'", "'1e3'", "'1E3'", "' 5 '", "'5 '", "'\\t5'", "'-5'", "'+5'", "'00100'", "'05.00'", "'٥'",
            "'５'", "''",
            "'.5'", "'5.'", "'1.2.3'", "'0x10'", "'NaN'", "'inf'", "'150.005'", "'150.000'", "'$5'", "'5 ARS'", "'1_000'", "1.5",
            "150.0", "0/0", "nil",
            "true", "{}", "null", "-5", "'99999999999999999999'", "'5\\0'", "'5\\n'", "math.mininteger",
        ])
    func refused(amount: String) throws {
        let played = try play("local x\nmoney(\(amount), 'ARS')")
        #expect(played.message?.contains("is not an amount: ") == true)
        #expect(played.failure?["kind"] as? String == "invalid")
        #expect(played.failure?["location"] as? String == "refunds.lua:2")
    }

    @Test(
        "a currency is named in capital letters", arguments: ["'ars'", "'AR'", "''", "'A RS'", "5", "nil", "'PESOS ARGENTINOS'"])
    func currencies(currency: String) throws {
        #expect(try play("money('1', \(currency))").message?.contains("currency") == true)
    }

    @Test(
        "arithmetic is exact",
        arguments: [
            ("money('0.10','ARS') + money('0.20','ARS')", "0.30 ARS"), ("money('1.00','ARS') - money('0.01','ARS')", "0.99 ARS"),
            ("money('0.07','ARS') * 3", "0.21 ARS"), ("3 * money('1','CLP')", "3 CLP"), ("money('5','ARS') * 0", "0.00 ARS"),
            ("money('1','ARS') == money('1.00','ARS')", "true"), ("money('1','ARS') == money('1','USD')", "false"),
            ("money('1','ARS') < money('1.01','ARS')", "true"), ("money('2','ARS') <= money('1.99','ARS')", "false"),
            ("money('1.5','ARS').amount .. money('1.5','ARS').currency", "1.50ARS"), ("'is ' .. money('1','ARS')", "is 1.00 ARS"),
            (
                "table.concat({ tostring(money('10','ARS'):split(3)[1]), tostring(money('10','ARS'):split(3)[3]) }, '/')",
                "3.34 ARS/3.33 ARS"
            ),
            ("type(money('1','ARS'))", "money"),
        ])
    func arithmetic(expression: String, text: String) throws {
        #expect(try play("print(\(expression))").printed == [text])
    }

    @Test(
        "what is not exact arithmetic is refused",
        arguments: [
            ("money('1','ARS') + money('1','USD')", "cannot do 1.00 ARS + 1.00 USD: ARS and USD are different currencies"),
            ("money('1','ARS') < money('1','USD')", "cannot do 1.00 ARS < 1.00 USD: ARS and USD are different currencies"),
            ("money('10','ARS') - money('15','ARS')", "10.00 ARS - 15.00 ARS is below zero; amounts have no sign"),
            ("money('1','ARS') * 1.5", "cannot do 1.00 ARS * 1.5: money is multiplied by whole numbers from zero"),
            (
                "money('1','ARS') * money('1','ARS')",
                "cannot do 1.00 ARS * 1.00 ARS: money is multiplied by whole numbers from zero"
            ),
            ("money('1','ARS') / 3", "cannot divide 1.00 ARS by 3: parts must add up; use amount:split(n)"),
            ("-money('1','ARS')", "cannot negate 1.00 ARS: amounts have no sign"),
            ("money('1','ARS') + 1", "cannot do 1.00 ARS + 1: both must be money"),
            ("money('9999999999999999.99','ARS') * 10", "9999999999999999.99 ARS * 10 is too large"),
            ("money('1','ARS').amout", "money has no field \"amout\"; did you mean \"amount\"?"),
        ])
    func refusedArithmetic(expression: String, message: String) throws {
        #expect(try play("local x = \(expression)").message == message)
    }

    @Test(
        "a money value cannot be changed",
        arguments: ["m.amount = '2'", "rawset(m, 'amount', '2')", "setmetatable(m, {})", "getmetatable(m).__eq = 1"])
    func immutable(change: String) throws {
        let played = try play("local m = money('1','ARS') print(pcall(function() \(change) end)) print(m)")
        #expect(played.printed.first?.hasPrefix("false") == true)
        #expect(played.printed.last == "1.00 ARS")
    }
}
