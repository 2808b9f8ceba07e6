"""Ordinary instructions in Russian and English, and the graphs that they tell.

A line of the graph: a step, `@` who does it, and each way on as `answer > step`.
"""

# ruff: noqa: E501

from __future__ import annotations

INSTRUCTIONS: dict[str, tuple[str, str]] = {
    "Russian: a choice after a deed": (
        """\
Порядок оформления отпуска

1. Сотрудник заполняет заявление.
2. Сотрудник передаёт заявление руководителю.
3. Руководитель проверяет заявление.
   3.1. Если даты пересекаются с отпусками коллег, вернуться к шагу 1.
   3.2. Если всё в порядке, руководитель подписывает заявление.
4. Кадровик оформляет приказ.
5. Конец.
""",
        """\
Сотрудник заполняет заявление > Сотрудник передаёт заявление руководителю
Сотрудник передаёт заявление руководителю > Руководитель проверяет заявление
Руководитель проверяет заявление > <decision>
<decision> даты пересекаются с отпусками коллег > Сотрудник заполняет заявление | всё в порядке > Руководитель подписывает заявление
Руководитель подписывает заявление > Кадровик оформляет приказ
Кадровик оформляет приказ > Конец
Конец
""",
    ),
    "Russian: roles before a colon": (
        """\
1. Менеджер: Принять заявку
2. Менеджер: Проверить комплектность документов
3. Если документы неполные, то запросить недостающие и перейти к п. 2, иначе передать заявку на склад
4. Склад: Собрать заказ
5. Курьер: Доставить заказ клиенту

""",
        """\
Принять заявку @Менеджер > Проверить комплектность документов
Проверить комплектность документов @Менеджер > документы неполные
документы неполные @Менеджер да > Запросить недостающие | нет > Передать заявку на склад
Запросить недостающие @Менеджер > Проверить комплектность документов
Передать заявку на склад @Менеджер > Собрать заказ
Собрать заказ @Склад > Доставить заказ клиенту
Доставить заказ клиенту @Курьер
""",
    ),
    "Russian: letters and a range of steps": (
        """\
Инструкция по замене картриджа
1) Выключите принтер
2) Откройте крышку
3) Достаньте картридж
   а) нажмите на фиксатор
   б) потяните картридж на себя
4) Установите новый картридж
5) Если принтер не видит картридж, повторите шаги 3-4
6) Закройте крышку
""",
        """\
Выключите принтер > Откройте крышку
Откройте крышку > Достаньте картридж
Достаньте картридж > Нажмите на фиксатор
Нажмите на фиксатор > Потяните картридж на себя
Потяните картридж на себя > Установите новый картридж
Установите новый картридж > принтер не видит картридж
принтер не видит картридж да > Достаньте картридж | нет > Закройте крышку
Закройте крышку
""",
    ),
    "Russian: headings as lanes": (
        """\
# Обработка обращения
## Оператор
1. Зарегистрировать обращение
2. Определить тип обращения
3. Если обращение срочное - передать инженеру (перейти к шагу 5)
## Аналитик
4. Проанализировать обращение
## Инженер
5. Устранить неисправность
6. Закрыть обращение
""",
        """\
Зарегистрировать обращение @Оператор > Определить тип обращения
Определить тип обращения @Оператор > обращение срочное
обращение срочное @Оператор да > Передать инженеру | нет > Проанализировать обращение
Передать инженеру @Оператор > Устранить неисправность
Проанализировать обращение @Аналитик > Устранить неисправность
Устранить неисправность @Инженер > Закрыть обращение
Закрыть обращение @Инженер
""",
    ),
    "Russian: bullets": (
        """\
- Получить заказ
- Проверить наличие товара
- Если товар есть:
  - Зарезервировать товар
  - Выставить счёт
- Иначе:
  - Сообщить клиенту
  - Закончить
- Отгрузить товар
""",
        """\
Получить заказ > Проверить наличие товара
Проверить наличие товара > товар есть
товар есть да > Зарезервировать товар | нет > Сообщить клиенту
Зарезервировать товар > Выставить счёт
Выставить счёт > Отгрузить товар
Сообщить клиенту > Конец
Конец
Отгрузить товар
""",
    ),
    "Russian: a loop with points in its numbers": (
        """\
1. Загрузить список файлов.
2. Пока в списке есть файлы:
   2.1. Взять следующий файл.
   2.2. Проверить файл.
   2.3. Если файл повреждён, пропустить его.
   2.4. Иначе обработать файл.
3. Отправить отчёт.
""",
        """\
Загрузить список файлов > в списке есть файлы
в списке есть файлы да > Взять следующий файл | нет > Отправить отчёт
Взять следующий файл > Проверить файл
Проверить файл > файл повреждён
файл повреждён да > Пропустить его | нет > Обработать файл
Пропустить его > в списке есть файлы
Обработать файл > в списке есть файлы
Отправить отчёт
""",
    ),
    "Russian: in parallel, roles in brackets": (
        """\
1. Заказать материалы (роль: Снабженец)
2. Параллельно:
   - подготовить площадку (роль: Прораб)
   - нанять рабочих (роль: Кадры)
3. Начать работы (роль: Прораб)
""",
        """\
Заказать материалы @Снабженец > <bar>
<bar> > Подготовить площадку | > Нанять рабочих
Подготовить площадку @Прораб > <bar>
Нанять рабочих @Кадры > <bar>
<bar> > Начать работы
Начать работы @Прораб
""",
    ),
    "Russian: steps by name": (
        """\
Шаг 1. Ввести логин и пароль.
Шаг 2. Нажать «Войти».
Шаг 3. Если пароль неверный, то вернуться на шаг 1. В противном случае перейти к шагу 4.
Шаг 4. Открыть личный кабинет.
""",
        """\
Ввести логин и пароль > Нажать «Войти»
Нажать «Войти» > пароль неверный
пароль неверный да > Ввести логин и пароль | нет > Открыть личный кабинет
Открыть личный кабинет
""",
    ),
    "Russian: else among the sub-steps": (
        """\
1. Взвесить груз.
2. Если вес больше 100 кг:
   2.1 вызвать погрузчик;
   2.2 оформить пропуск;
   иначе:
   2.3 погрузить вручную.
3. Закрыть кузов.
""",
        """\
Взвесить груз > вес больше 100 кг
вес больше 100 кг да > Вызвать погрузчик | нет > Погрузить вручную
Вызвать погрузчик > Оформить пропуск
Оформить пропуск > Закрыть кузов
Погрузить вручную > Закрыть кузов
Закрыть кузов
""",
    ),
    "Russian: repeat until": (
        """\
1. Повторять, пока не получен ответ:
   1.1. Отправить запрос
   1.2. Подождать 5 минут
2. Записать ответ
""",
        """\
Отправить запрос > Подождать 5 минут
Подождать 5 минут > получен ответ
получен ответ нет > Отправить запрос | да > Записать ответ
Записать ответ
""",
    ),
    "Russian: a table with other words": (
        """\
| Шаг | Действие | Ответственный |
|---|---|---|
| 1 | Подать заявку | Клиент |
| 2 | Проверить заявку | Менеджер |
| 3 | Если заявка отклонена, вернуться к шагу 1 | Менеджер |
| 4 | Выдать кредит | Банк |
""",
        """\
Подать заявку @Клиент > Проверить заявку
Проверить заявку @Менеджер > заявка отклонена
заявка отклонена @Менеджер да > Подать заявку | нет > Выдать кредит
Выдать кредит @Банк
""",
    ),
    "Russian: a question and its answers": (
        """\
1. Принять звонок
2. Клиент зарегистрирован?
   - Да: найти карточку
   - Нет: создать карточку
3. Записать обращение
""",
        """\
Принять звонок > Клиент зарегистрирован?
Клиент зарегистрирован? Да > Найти карточку | Нет > Создать карточку
Найти карточку > Записать обращение
Создать карточку > Записать обращение
Записать обращение
""",
    ),
    "Russian: conditions as bullets": (
        """\
1. Провести собеседование.
2. Принять решение:
   – если кандидат подходит, сделать предложение;
   – если кандидат не подходит, отправить отказ и завершить процесс;
   – если нужны уточнения, вернуться к п. 1.
3. Оформить договор.
""",
        """\
Провести собеседование > Принять решение
Принять решение кандидат подходит > Сделать предложение | кандидат не подходит > Отправить отказ | нужны уточнения > Провести собеседование
Сделать предложение > Оформить договор
Отправить отказ > Конец
Конец
Оформить договор
""",
    ),
    "Russian: in absence of": (
        """\
1. Проверить оплату. При отсутствии оплаты перейти к шагу 4.
2. Отгрузить товар.
3. Завершить процесс.
4. Напомнить клиенту об оплате и вернуться к шагу 1.
""",
        """\
Проверить оплату > При отсутствии оплаты
При отсутствии оплаты да > Напомнить клиенту об оплате | нет > Отгрузить товар
Отгрузить товар > Конец
Конец
Напомнить клиенту об оплате > Проверить оплату
""",
    ),
    "Russian: formal style": (
        """\
1. Сотрудник отдела продаж получает заказ.
2. В случае если сумма заказа превышает 100 000 руб., заказ согласуется с директором, в ином случае заказ сразу передаётся в работу.
3. Производство изготавливает изделие.
4. ОТК проверяет качество: если обнаружен брак, изделие возвращается на этап 3.
5. Изделие отгружается клиенту.
""",
        """\
Сотрудник отдела продаж получает заказ > сумма заказа превышает 100 000 руб
сумма заказа превышает 100 000 руб да > Заказ согласуется с директором | нет > Заказ сразу передаётся в работу
Заказ согласуется с директором > Производство изготавливает изделие
Заказ сразу передаётся в работу > Производство изготавливает изделие
Производство изготавливает изделие > ОТК проверяет качество
ОТК проверяет качество > обнаружен брак
обнаружен брак да > Производство изготавливает изделие | нет > Изделие отгружается клиенту
Изделие отгружается клиенту
""",
    ),
    "English: else as a step of its own": (
        """\
How to reset a password

1. Open the login page.
2. Click "Forgot password".
3. Enter your e-mail.
4. If the e-mail is unknown, go back to step 3.
5. Otherwise, open the letter and follow the link.
6. Set a new password.
""",
        """\
Open the login page > Click "Forgot password"
Click "Forgot password" > Enter your e-mail
Enter your e-mail > the e-mail is unknown
the e-mail is unknown yes > Enter your e-mail | no > Open the letter and follow the link
Open the letter and follow the link > Set a new password
Set a new password
""",
    ),
    "English: roles before a colon": (
        """\
1. Clerk: Receive the claim
2. Clerk: Check the documents
3. If documents are missing, then request them and return to step 2; otherwise forward the claim to the assessor
4. Assessor: Assess the damage
5. If the damage exceeds $10,000, go to step 6, else go to step 7.
6. Manager: Approve the payment
7. Cashier: Pay
""",
        """\
Receive the claim @Clerk > Check the documents
Check the documents @Clerk > documents are missing
documents are missing @Clerk yes > Request them | no > Forward the claim to the assessor
Request them @Clerk > Check the documents
Forward the claim to the assessor @Clerk > Assess the damage
Assess the damage @Assessor > the damage exceeds $10,000
the damage exceeds $10,000 @Assessor yes > Approve the payment | no > Pay
Approve the payment @Manager > Pay
Pay @Cashier
""",
    ),
    "English: headings as lanes": (
        """\
# Deployment
## Developer
1. Merge the branch
2. Push a tag
## CI
3. Build the image
4. Run tests
   4.1 unit tests
   4.2 integration tests
5. If tests fail, notify the developer and stop
## Ops
6. Deploy to staging
7. Deploy to production
""",
        """\
Merge the branch @Developer > Push a tag
Push a tag @Developer > Build the image
Build the image @CI > Run tests
Run tests @CI > Unit tests
Unit tests @CI > Integration tests
Integration tests @CI > tests fail
tests fail @CI yes > Notify the developer | no > Deploy to staging
Notify the developer @CI > End
End @CI
Deploy to staging @Ops > Deploy to production
Deploy to production @Ops
""",
    ),
    "English: else if": (
        """\
* Boil water
* While the water is not hot:
  * Wait a minute
* Put the tea in
* If you like sugar:
  * Add sugar
* Else if you like honey:
  * Add honey
* Else:
  * Add nothing
* Drink
""",
        """\
Boil water > the water is not hot
the water is not hot yes > Wait a minute | no > Put the tea in
Wait a minute > the water is not hot
Put the tea in > you like sugar
you like sugar yes > Add sugar | no > you like honey
Add sugar > Drink
you like honey yes > Add honey | no > Add nothing
Add honey > Drink
Add nothing > Drink
Drink
""",
    ),
    "English: two conditions in one step": (
        """\
Step 1: Insert the card
Step 2: Enter the PIN
Step 3: If the PIN is wrong three times, keep the card and end. If the PIN is wrong, return to Step 2.
Step 4: Choose the amount
Step 5: Take the money
""",
        """\
Insert the card > Enter the PIN
Enter the PIN > the PIN is wrong three times
the PIN is wrong three times yes > Keep the card | no > the PIN is wrong
Keep the card > End
End
the PIN is wrong yes > Enter the PIN | no > Choose the amount
Choose the amount > Take the money
Take the money
""",
    ),
    "English: in parallel, letters": (
        """\
1. Collect requirements (role: Analyst)
2. In parallel:
   a. write the code (role: Developer)
   b. write the tests (role: Tester)
3. Merge everything (role: Developer)
""",
        """\
Collect requirements @Analyst > <bar>
<bar> > Write the code | > Write the tests
Write the code @Developer > <bar>
Write the tests @Tester > <bar>
<bar> > Merge everything
Merge everything @Developer
""",
    ),
    "English: repeat until": (
        """\
1. Repeat until the queue is empty:
   1. Take a message
   2. Process the message
   3. If processing failed, put the message back
2. Shut down
""",
        """\
Take a message > Process the message
Process the message > processing failed
processing failed yes > Put the message back | no > the queue is empty
Put the message back > the queue is empty
the queue is empty no > Take a message | yes > Shut down
Shut down
""",
    ),
    "English: answers without bullets": (
        """\
1) Pick the order.
2) Is the item in stock?
   Yes: pack it.
   No: order it from the supplier and wait.
3) Ship.
""",
        """\
Pick the order > Is the item in stock?
Is the item in stock? Yes > Pack it | No > Order it from the supplier and wait
Pack it > Ship
Order it from the supplier and wait > Ship
Ship
""",
    ),
    "English: cases": (
        """\
1. Log the incident
2. Classify the incident
3. Depending on severity:
   - critical: page the on-call engineer
   - major: assign to the team
   - minor: add to the backlog
4. Resolve
5. Close
""",
        """\
Log the incident > Classify the incident
Classify the incident > Depending on severity
Depending on severity critical > Page the on-call engineer | major > Assign to the team | minor > Add to the backlog
Page the on-call engineer > Resolve
Assign to the team > Resolve
Add to the backlog > Resolve
Resolve > Close
Close
""",
    ),
    "English: a table with other words": (
        """\
| Step | Action | Owner |
|------|--------|-------|
| 1 | Draft the contract | Lawyer |
| 2 | Review the contract | Manager |
| 3 | If changes are needed, return to step 1 | Manager |
| 4 | Sign | Director |
""",
        """\
Draft the contract @Lawyer > Review the contract
Review the contract @Manager > changes are needed
changes are needed @Manager yes > Draft the contract | no > Sign
Sign @Director
""",
    ),
    "English: for each": (
        """\
1. For each invoice:
   1.1. Check the amount
   1.2. Approve the invoice
2. Send the report
""",
        """\
More left: invoice? yes > Check the amount | no > Send the report
Check the amount > Approve the invoice
Approve the invoice > More left: invoice?
Send the report
""",
    ),
    "English: a step that repeats itself": (
        """\
1. Preheat the oven.
2. Mix flour, eggs and milk.
3. Bake for 20 minutes.
4. If it is not brown, bake for another 5 minutes and repeat step 4.
5. Serve.
""",
        """\
Preheat the oven > Mix flour, eggs and milk
Mix flour, eggs and milk > Bake for 20 minutes
Bake for 20 minutes > it is not brown
it is not brown yes > Bake for another 5 minutes | no > Serve
Bake for another 5 minutes > it is not brown
Serve
""",
    ),
    "English: when and if": (
        """\
1. Submit the form.
2. When the form is approved, continue to step 4.
3. If the form is rejected, correct it and go to step 1.
4. Archive the form.
""",
        """\
Submit the form > the form is approved
the form is approved yes > Archive the form | no > the form is rejected
the form is rejected yes > Correct it | no > Archive the form
Correct it > Submit the form
Archive the form
""",
    ),
    "English: steps that only jump": (
        """\
1. Start
2. Read n
3. If n < 0 then go to 6
4. Print sqrt(n)
5. Go to 7
6. Print "error"
7. End
""",
        """\
Start > Read n
Read n > n < 0
n < 0 yes > Print "error" | no > Print sqrt(n)
Print sqrt(n) > End
Print "error" > End
End
""",
    ),
    "English: roles in square brackets": (
        """\
1. Receive goods [Warehouse]
2. Inspect goods [Quality]
3. If goods are damaged: [Quality]
   3.1. Write a report
   3.2. Return the goods; process ends
4. Put goods on the shelf [Warehouse]
""",
        """\
Receive goods @Warehouse > Inspect goods
Inspect goods @Quality > goods are damaged
goods are damaged @Quality yes > Write a report | no > Put goods on the shelf
Write a report @Quality > Return the goods
Return the goods @Quality > End
End @Quality
Put goods on the shelf @Warehouse
""",
    ),
    "Russian: bold headings as lanes": (
        """\
**Регламент обработки заявки**

**Менеджер:**
1. Получает заявку от клиента по почте или телефону.
2. Вносит данные в CRM.
3. Если сумма больше 500 000 ₽ — согласовывает с директором.

**Бухгалтер:**
4. Выставляет счёт.
5. Проверяет поступление оплаты. Если оплата не поступила в течение 3 дней, возвращается к шагу 4.

**Склад:**
6. Отгружает товар.
""",
        """\
Получает заявку от клиента по почте или телефону @Менеджер > Вносит данные в CRM
Вносит данные в CRM @Менеджер > сумма больше 500 000 ₽
сумма больше 500 000 ₽ @Менеджер да > Согласовывает с директором | нет > Выставляет счёт
Согласовывает с директором @Менеджер > Выставляет счёт
Выставляет счёт @Бухгалтер > Проверяет поступление оплаты
Проверяет поступление оплаты @Бухгалтер > оплата не поступила в течение 3 дней
оплата не поступила в течение 3 дней @Бухгалтер да > Выставляет счёт | нет > Отгружает товар
Отгружает товар @Склад
""",
    ),
    "Russian: a calculation": (
        """\
Алгоритм:
Шаг 1: Ввести a, b, c
Шаг 2: Вычислить D = b*b - 4*a*c
Шаг 3: Если D < 0, то вывести «Нет корней» и перейти к шагу 6
Шаг 4: Если D = 0, то вывести один корень и перейти к шагу 6
Шаг 5: Вывести два корня
Шаг 6: Конец
""",
        """\
Ввести a, b, c > Вычислить D = b*b - 4*a*c
Вычислить D = b*b - 4*a*c > D < 0
D < 0 да > Вывести «Нет корней» | нет > D = 0
Вывести «Нет корней» > Конец
D = 0 да > Вывести один корень | нет > Вывести два корня
Вывести один корень > Конец
Вывести два корня > Конец
Конец
""",
    ),
    "Russian: answers as conditions": (
        """\
1. Открыть заявку
2. Проверить, заполнены ли поля
   - если нет – вернуть на доработку (шаг 1)
   - если да – перейти к следующему шагу
3. Назначить исполнителя
""",
        """\
Открыть заявку > Проверить, заполнены ли поля
Проверить, заполнены ли поля > <decision>
<decision> нет > Вернуть на доработку | да > Назначить исполнителя
Вернуть на доработку > Открыть заявку
Назначить исполнителя
""",
    ),
    "Russian: outcomes": (
        """\
1. Сотрудник создаёт служебную записку.
2. Руководитель рассматривает записку.
   2.1. Одобрено: секретарь регистрирует записку.
   2.2. Отклонено: сотрудник дорабатывает записку, переход к п. 1.
3. Архивариус сдаёт записку в архив.
""",
        """\
Сотрудник создаёт служебную записку > Руководитель рассматривает записку
Руководитель рассматривает записку > <decision>
<decision> Одобрено > Секретарь регистрирует записку | Отклонено > Сотрудник дорабатывает записку
Секретарь регистрирует записку > Архивариус сдаёт записку в архив
Сотрудник дорабатывает записку > Сотрудник создаёт служебную записку
Архивариус сдаёт записку в архив
""",
    ),
    "English: letters under a condition": (
        """\
1. Check the pressure.
2. If pressure > 5 bar:
     a. Open the valve.
     b. Wait 10 seconds.
     c. Go back to step 1.
3. If pressure < 1 bar, close the valve; otherwise continue.
4. Record the value.
""",
        """\
Check the pressure > pressure > 5 bar
pressure > 5 bar yes > Open the valve | no > pressure < 1 bar
Open the valve > Wait 10 seconds
Wait 10 seconds > Check the pressure
pressure < 1 bar yes > Close the valve | no > Record the value
Close the valve > Record the value
Record the value
""",
    ),
    "English: outcomes with arrows": (
        """\
1. User enters credentials
2. System validates credentials
   - Valid -> go to step 3
   - Invalid -> show an error, return to step 1
3. System opens the dashboard
4. End
""",
        """\
User enters credentials > System validates credentials
System validates credentials > <decision>
<decision> Valid > System opens the dashboard | Invalid > Show an error
Show an error > User enters credentials
System opens the dashboard > End
End
""",
    ),
    "English: who does it inside a condition": (
        """\
1. Manager: creates a task
2. Developer: implements the task
3. Tester: tests the task
4. If bugs are found: Developer: fixes them, go to step 3
5. Manager: closes the task
""",
        """\
Creates a task @Manager > Implements the task
Implements the task @Developer > Tests the task
Tests the task @Tester > bugs are found
bugs are found @Tester yes > Fixes them | no > Closes the task
Fixes them @Developer > Tests the task
Closes the task @Manager
""",
    ),
    "Russian: a question below a step": (
        """\
## Возврат товара

1. Покупатель обращается в магазин.
2. Продавец проверяет чек.
   * Чек есть?
     * Да — принять товар.
     * Нет — отказать в возврате и завершить.
3. Кассир возвращает деньги.
""",
        """\
Покупатель обращается в магазин > Продавец проверяет чек
Продавец проверяет чек > Чек есть?
Чек есть? Да > Принять товар | Нет > Отказать в возврате
Принять товар > Кассир возвращает деньги
Отказать в возврате > Конец
Конец
Кассир возвращает деньги
""",
    ),
    "Russian: times and while": (
        """\
1. Подготовить данные
2. Повторить 3 раза:
   - Обучить модель
   - Оценить качество
3. До тех пор пока качество не достигнуто, повторять шаги 1-2
4. Опубликовать модель
""",
        """\
Подготовить данные > Обучить модель
Обучить модель > Оценить качество
Оценить качество > 3 раза
3 раза нет > Обучить модель | да > качество не достигнуто
качество не достигнуто да > Подготовить данные | нет > Опубликовать модель
Опубликовать модель
""",
    ),
    "English: answers as conditions": (
        """\
Before you start: read the manual.

1. Turn off the power
2. Remove the cover
3. Is the fuse blown?
   - If yes, replace the fuse
   - If no, call the service and stop
4. Put the cover back
""",
        """\
Turn off the power > Remove the cover
Remove the cover > Is the fuse blown?
Is the fuse blown? yes > Replace the fuse | no > Call the service
Replace the fuse > Put the cover back
Call the service > End
End
Put the cover back
""",
    ),
}
